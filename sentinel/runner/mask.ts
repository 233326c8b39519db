const sign = '•••';

/**
 * A function that takes secret values out of a text: as they are, and as they appear in addresses, JSON, HTML and base64.
 * Values under 4 characters are masked only where they stand alone, or every `1` in a text would go.
 */
export function masker(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((s) => s !== '').flatMap(formsOf));
  const patterns = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => {
      const plain = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(form.length < 4 ? `(?<![\\w])${plain}(?![\\w])` : plain, 'gi');
    });
  return (text) => patterns.reduce((masked, pattern) => masked.replace(pattern, sign), text);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const html = secret.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const named = secret.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
    html,
    named,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}
