import type { Product } from './catalogue.ts';

/** The picture of a product: an SVG file of 320 by 240, drawn from its colour and motif. */
export function picture({ art }: Product): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240">
<rect width="320" height="240" fill="#f3f0ea"/>
<ellipse cx="160" cy="206" rx="92" ry="9" fill="#000" opacity=".08"/>
${forms[art.form](art)}
</svg>
`;
}

type Art = Product['art'];

const forms: Record<Art['form'], (art: Art) => string> = {
  tin: ({ colour, motif }) => `<rect x="104" y="62" width="112" height="144" rx="8" fill="${colour}"/>
<rect x="104" y="62" width="22" height="144" rx="8" fill="#fff" opacity=".14"/>
<rect x="98" y="40" width="124" height="30" rx="7" fill="${colour}"/>
<rect x="98" y="40" width="124" height="30" rx="7" fill="#000" opacity=".16"/>
<rect x="118" y="100" width="84" height="76" rx="4" fill="#faf8f3"/>
<g fill="none" stroke="${colour}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round">${motifs[motif]}</g>`,
  pot: ({
    colour,
  }) => `<path d="M214 112c34-14 52 6 40 32-8 18-26 28-46 28" fill="none" stroke="${colour}" stroke-width="13"/>
<path d="M104 140c-26 2-30-30-52-34" fill="none" stroke="${colour}" stroke-width="15" stroke-linecap="round"/>
<path d="M160 84c48 0 70 28 70 62 0 40-30 60-70 60s-70-20-70-60c0-34 22-62 70-62z" fill="${colour}"/>
<path d="M118 104c-14 14-18 34-14 58" fill="none" stroke="#fff" stroke-width="7" opacity=".2" stroke-linecap="round"/>
<path d="M116 86c6-16 24-22 44-22s38 6 44 22z" fill="${colour}"/><path d="M116 86h88" stroke="#000" opacity=".18" stroke-width="3"/>
<circle cx="160" cy="56" r="9" fill="${colour}"/>`,
  cup: ({ colour }) => `<path d="M208 112c36-8 44 50-8 54" fill="none" stroke="${colour}" stroke-width="11"/>
<path d="M98 96h120c0 70-20 102-60 102S98 166 98 96z" fill="${colour}"/>
<ellipse cx="158" cy="96" rx="60" ry="13" fill="#fff" opacity=".55"/><ellipse cx="158" cy="98" rx="50" ry="9" fill="#a8763f"/>
<path d="M112 120c2 26 8 44 18 58" fill="none" stroke="#fff" stroke-width="6" opacity=".25" stroke-linecap="round"/>
<path d="M142 74c-8-14 8-18 0-34M170 74c-8-14 8-18 0-34" fill="none" stroke="#b9b2a6" stroke-width="4" stroke-linecap="round"/>`,
};

const motifs: Record<Art['motif'], string> = {
  leaf: '<path d="M142 156c-4-26 12-40 38-40 0 26-14 42-38 40zM142 156c8-14 16-22 26-28"/>',
  hill: '<path d="M128 158l22-32 14 18 10-12 20 26zM176 118a6 6 0 1 0 .1 0"/>',
  wave: '<path d="M130 126q10-10 20 0t20 0 20 0M130 142q10-10 20 0t20 0 20 0M130 158q10-10 20 0t20 0 20 0"/>',
  sun: '<circle cx="160" cy="138" r="11"/><path d="M160 114v6M160 156v6M136 138h6M178 138h6M143 121l4 4M173 151l4 4M177 121l-4 4M147 151l-4 4"/>',
  dots: '<path d="M138 122v.1M160 122v.1M182 122v.1M149 138v.1M171 138v.1M138 154v.1M160 154v.1M182 154v.1" stroke-width="9"/>',
  none: '',
};
