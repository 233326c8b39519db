/*
 * Stands before Playwright's service worker, which makes answers of what a trace holds: pages of the application, files,
 * anything a sentinel sent. On our address such a page would act as whoever is signed in, so none of them may run a
 * script or send a form. Snapshots run Playwright's own script, which it names in a policy of its own.
 */
const respondWith = FetchEvent.prototype.respondWith;

FetchEvent.prototype.respondWith = function respondSealed(answer) {
  const isSnapshot = this.request.url.startsWith(`${self.registration.scope}snapshot/`);
  const policy = isSnapshot ? "connect-src 'none'; form-action 'none'" : "sandbox; default-src 'none'";
  const made = Promise.resolve(answer).then((response) =>
    response.type === 'default' ? seal(response, policy) : response,
  );
  return respondWith.call(this, made);
};

function seal(response, policy) {
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.append('content-security-policy', policy);
  return new Response(body, { headers, status, statusText });
}
