import './styles.ts';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { monitorQuery, queryClient, sessionQuery } from './api/queries.ts';
import { App } from './app.tsx';
import { writeNumbersAs } from './format.ts';
import { nonce } from './nonce.ts';
import { monitorShown } from './shown-first.ts';
import { cssVariables, theme } from './theme.ts';

const appearance = localStorageColorSchemeManager({ key: 'vedette-appearance' });
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

writeNumbersAs(navigator.language);
Object.assign(globalThis, { __webpack_nonce__: nonce }); // where the drawer's library looks for it

/** How long (ms) the first drawing waits for what it will show: each further one costs about as much as the first. */
const patienceMs = 300;

const shown = monitorShown(window.location);
await Promise.race([
  Promise.all([
    queryClient.prefetchQuery(sessionQuery),
    shown && queryClient.prefetchQuery(monitorQuery(shown.customerId, shown.monitorId, shown.period)),
  ]),
  new Promise((passed) => setTimeout(passed, patienceMs)),
]);

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={appearance}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
