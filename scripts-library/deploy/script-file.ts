/**
 * Whether a file that a server names may be written into an author's folder: code and data of a script, below it. What other
 * tools carry out by its name alone (configurations, packages, hidden files) is none: a server could have it run here.
 */
export function isScriptFile(file: string): boolean {
  const parts = file.split('/');
  const name = parts.at(-1) ?? '';
  const isBelow =
    !/[\\:\0]/.test(file) && parts.every((part) => part !== '' && !part.startsWith('.') && part !== 'node_modules');
  const isCarriedOut = /\.config\.\w+$|^(package|package-lock|tsconfig|jsconfig)\.json$/i.test(name);
  return isBelow && !isCarriedOut && /\.([cm]?[jt]sx?|json)$/.test(name);
}
