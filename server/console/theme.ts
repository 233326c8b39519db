import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
} from '@mantine/core';

// Mantine wants ten shades; all colours of the console come from tokens.css, so each shade is the one accent.
const accent = Array.from({ length: 10 }, () => 'var(--accent)') as unknown as MantineColorsTuple;

const dropdown = { background: 'var(--surface)', borderColor: 'var(--line)', boxShadow: 'var(--shadow-high)' };

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  primaryColor: 'accent',
  colors: { accent },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Popover: Popover.extend({ styles: { dropdown } }),
    Menu: Menu.extend({ styles: { dropdown } }),
    // Its head is a <header>, which would be a second banner of the page.
    Modal: Modal.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
    InputWrapper: Input.Wrapper.extend({
      styles: { label: { fontSize: 'var(--text-usual)', fontWeight: 'var(--weight-strong)', marginBottom: 4 } },
    }),
    Button: Button.extend({
      // With reduced motion there is no transition, which would set it.
      styles: { loader: { transform: 'translate(-50%, -50%)' } },
      vars: (_, props) =>
        (props.variant ?? 'filled') !== 'filled' ? { root: {} } : { root: { '--button-color': 'var(--on-accent)' } },
    }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-muted)',
  '--mantine-color-placeholder': 'var(--text-faint)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent-strong)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-strong)',
};

/** Mantine's colours, told in the console's tokens. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--mantine-font-size-sm': 'var(--text-usual)', '--mantine-line-height': '20px' },
  light: shared,
  dark: shared,
});
