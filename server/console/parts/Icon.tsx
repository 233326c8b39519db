import type { ReactNode } from 'react';

const paths = {
  overview: <path d="M2.5 3.5h11M2.5 8h11M2.5 12.5h7" />,
  customers: <path d="M2.5 13.5v-11h6v11m0-7h5v7m-12.5 0h14M5 5.5h1m-1 3h1m-1 3h1m4.5-2.5h1m-1 2.5h1" />,
  failures: <path d="M8 2.2 14.5 13.500h-13zM8 6.500v3.500M8 11.800h.01" />,
  reports: <path d="M3 1.500h7l3 3v10H3zM10 1.500v3h3M5.500 12V9.500M8 12V7M10.500 12V8.500" />,
  download: <path d="M8 2v8m-3.500-3.500L8 10l3.500-3.500M2.500 13.500h11" />,
  print: <path d="M4.500 6V2h7v4M4.500 11.500h-2V6h11v5.500h-2M4.500 9.500h7V14h-7z" />,
  target: <path d="M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6z" />,
  sentinels: <path d="M8 1.8 13 3.5v4.2c0 3-2.1 5.2-5 6.500-2.9-1.300-5-3.500-5-6.500V3.500z" />,
  monitors: <path d="M1.5 9h3l2-5 3 8.500 2-5.500 1 2h2" />,
  audit: <path d="M3.5 1.500h9v13h-9zM6 5h4M6 8h4M6 11h2" />,
  tokens: <path d="M5 6.500a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM7.2 7.300 13.5 1.500M11 4l2 2" />,
  archive: <path d="M1.5 2.500h13v3.500h-13zM2.5 6v7.500h11V6M6.5 9h3" />,
  scripts: <path d="m5 4-3.5 4L5 12M11 4l3.5 4L11 12M9.3 2.500 6.700 13.500" />,
  copy: <path d="M5.5 5.500h8v8h-8zM10.5 5V2.500h-8v8H5" />,
  menu: <path d="M2 4h12M2 8h12M2 12h12" />,
  close: <path d="m3.5 3.5 9 9m0-9-9 9" />,
  left: <path d="M10 3 5 8l5 5" />,
  right: <path d="m6 3 5 5-5 5" />,
  down: <path d="m3.5 6 4.5 4.5L12.5 6" />,
  calendar: <path d="M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2v3m5-3v3" />,
  image: <path d="M2.5 3h11v10h-11zM3 11.5l3.5-4 2.5 3 1.5-1.5 3 2.5M10.5 6h.01" />,
  open: <path d="M6.5 3h-4v10.5H13v-4M9 2.5h4.5V7M13 3 7.5 8.5" />,
  sun: (
    <path d="M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1v1.5M8 13.500V15M1 8h1.500M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1" />
  ),
  moon: <path d="M13.5 9.500A6 6 0 0 1 6.5 2.500a6 6 0 1 0 7 7z" />,
  screen: <path d="M2 3h12v8H2zM6 13.500h4" />,
  keys: <path d="M1.5 4h13v8.500h-13zM4 6.500h.01M6.7 6.500h.01M9.3 6.500h.01M12 6.500h.01M5 10h6" />,
  user: <path d="M8 2.500a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.400zM2.7 14c.5-2.8 2.7-4 5.3-4s4.8 1.2 5.3 4" />,
  leave: <path d="M6.5 2.500h-4v11h4M6.5 8h7.500m-3-3 3 3-3 3" />,
  check: <path d="m3 8.5 3.5 3.500L13 4.5" />,
} as const satisfies Record<string, ReactNode>;

/** A line drawing of 16 by 16 px in the colour of the text around it. It says nothing to a screen reader. */
export function Icon({ name, size = 16 }: { name: keyof typeof paths; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      {paths[name]}
    </svg>
  );
}
