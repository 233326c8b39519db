// Runs before the first paint, so that a chosen dark page never flashes white. Everything else is in main.tsx.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('vedette-appearance');
  } catch {
    // Storage may be forbidden; the page then follows the system.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
