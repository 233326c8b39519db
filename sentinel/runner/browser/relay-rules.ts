/*
 * What a child may ask of the browser. These are the commands that Playwright's client sends for what scripts may do; all
 * others are refused. https://chromedevtools.github.io/devtools-protocol/
 */

export type Params = Record<string, unknown>;

/** What belongs to the child. */
export interface Own {
  context(id: unknown): boolean;
  target(id: unknown): boolean;
  session(id: unknown): boolean;
  /** A file the script may give to a page, as the path of a copy; none if it may not. */
  upload(path: unknown): string | undefined;
  /** A folder that downloads may be put in, as a path that the child can't lead elsewhere; none if it may not. */
  downloadFolder(path: unknown): string | undefined;
  /** The gate, as the address of a proxy. */
  readonly gate: string;
}

/** Why a command is refused, if it is. May change the parameters. */
export type Rule = (params: Params, own: Own) => string | undefined;

const allow: Rule = () => undefined;
const ofOwnContext: Rule = (p, own) => (own.context(p.browserContextId) ? undefined : 'another browser context');
const ofOwnTarget: Rule = (p, own) => (own.target(p.targetId) ? undefined : 'another target');
const toSafeAddress: Rule = (p) => unsafeAddress(p.url);

const harmlessPermissions: Rule = (p, own) => {
  const named = Array.isArray(p.permissions) ? p.permissions : [];
  if (named.some((name) => name !== 'geolocation' && name !== 'notifications'))
    return 'a permission other than geolocation and notifications';
  return ofOwnContext(p, own);
};

/** Files are named by the browser: a script that chose their names could have a file put anywhere its folder leads to. */
const downloadsToScratch: Rule = (p, own) => {
  if (p.behavior !== 'deny' && p.behavior !== 'allowAndName') return 'downloads under a name of its own';
  if (p.downloadPath !== undefined) {
    p.downloadPath = own.downloadFolder(p.downloadPath);
    if (p.downloadPath === undefined) return 'a download outside the scratch folder';
  }
  p.eventsEnabled = true; // the sentinel counts them
  return ofOwnContext(p, own);
};

/** New targets wait until the sentinel has begun to watch them. */
const attachAll: Rule = (p) =>
  p.autoAttach === true && p.flatten === true && p.waitForDebuggerOnStart === true && p.filter === undefined
    ? undefined
    : 'another way of attaching than to all targets, stopped';

const uploadsFromScratch: Rule = (p, own) => {
  const copies = Array.isArray(p.files) ? p.files.map((file) => own.upload(file)) : [undefined];
  if (copies.includes(undefined)) return 'an upload from outside the scratch folder';
  p.files = copies;
  return undefined;
};

const dragWithoutFiles: Rule = (p) => {
  const files = (p.data as { files?: unknown } | undefined)?.files;
  return files === undefined || (Array.isArray(files) && files.length === 0) ? undefined : 'files dropped on a page';
};

/** Only contexts of runs are led to the gate: what the browser asks for by itself reaches nothing, and is in nobody's result. */
const plainContext: Rule = (p, own) => {
  if (Object.keys(p).some((name) => name !== 'disposeOnDetach')) return 'a context with network rules of its own';
  p.proxyServer = own.gate;
  p.proxyBypassList = '<-loopback>';
  return undefined;
};

const allowed = (domain: string, commands: string): [string, Rule][] =>
  commands.split(' ').map((command) => [`${domain}.${command}`, allow]);

/** Of the browser as a whole. */
export const browserRules: ReadonlyMap<string, Rule> = new Map([
  ...allowed('Browser', 'getVersion'),
  ['Browser.grantPermissions', harmlessPermissions],
  ['Browser.resetPermissions', ofOwnContext],
  ['Browser.setDownloadBehavior', downloadsToScratch],
  ['Browser.cancelDownload', ofOwnContext],
  ['Storage.clearCookies', ofOwnContext],
  ['Storage.getCookies', ofOwnContext],
  ['Storage.setCookies', ofOwnContext],
  ['Target.closeTarget', ofOwnTarget],
  ['Target.createBrowserContext', plainContext],
  ['Target.createTarget', (p, own) => unsafeAddress(p.url) ?? ofOwnContext(p, own)],
  ['Target.disposeBrowserContext', ofOwnContext],
  ['Target.getTargetInfo', (p, own) => (p.targetId === undefined ? undefined : ofOwnTarget(p, own))],
  ['Target.setAutoAttach', attachAll],
]);

/** Of one of its pages, frames or workers. */
export const pageRules: ReadonlyMap<string, Rule> = new Map([
  ['Browser.getWindowForTarget', (p, own) => (p.targetId === undefined ? undefined : ofOwnTarget(p, own))],
  ...allowed('Browser', 'setWindowBounds'),
  ...allowed('CSS', 'disable enable getStyleSheetText'),
  ...allowed('DOM', 'describeNode disable enable getBoxModel getContentQuads getFrameOwner resolveNode'),
  ...allowed('DOM', 'scrollIntoViewIfNeeded'),
  ['DOM.setFileInputFiles', uploadsFromScratch],
  ...allowed('Emulation', 'setDefaultBackgroundColorOverride setDeviceMetricsOverride setEmulatedMedia'),
  ...allowed('Emulation', 'setFocusEmulationEnabled setGeolocationOverride setLocaleOverride'),
  ...allowed('Emulation', 'setScriptExecutionDisabled setTimezoneOverride setTouchEmulationEnabled'),
  ...allowed('Emulation', 'setUserAgentOverride'),
  ['Fetch.continueRequest', (p) => (p.url === undefined ? undefined : unsafeAddress(p.url))],
  ...allowed('Fetch', 'continueWithAuth disable enable failRequest fulfillRequest'),
  ...allowed('HeapProfiler', 'collectGarbage'),
  ...allowed('IO', 'close read'),
  ['Input.dispatchDragEvent', dragWithoutFiles],
  ...allowed('Input', 'dispatchKeyEvent dispatchMouseEvent dispatchTouchEvent insertText setInterceptDrags'),
  ...allowed('Inspector', 'enable'),
  ...allowed('Log', 'enable'),
  ...allowed('Network', 'clearBrowserCache emulateNetworkConditions enable getResponseBody setBypassServiceWorker'),
  ...allowed('Network', 'setCacheDisabled setExtraHTTPHeaders'),
  ...allowed('Page', 'addScriptToEvaluateOnNewDocument bringToFront captureScreenshot close createIsolatedWorld'),
  ...allowed('Page', 'enable getFrameTree getLayoutMetrics getNavigationHistory handleJavaScriptDialog'),
  ['Page.navigate', toSafeAddress],
  ...allowed('Page', 'navigateToHistoryEntry printToPDF reload removeScriptToEvaluateOnNewDocument'),
  ...allowed('Page', 'screencastFrameAck setBypassCSP setFontFamilies setInterceptFileChooserDialog'),
  ...allowed('Page', 'setLifecycleEventsEnabled startScreencast stopLoading stopScreencast'),
  ...allowed('Runtime', 'addBinding callFunctionOn disable enable evaluate getProperties releaseObject'),
  ...allowed('Runtime', 'runIfWaitingForDebugger'),
  ...allowed('Security', 'setIgnoreCertificateErrors'),
  ['Target.setAutoAttach', attachAll],
  ['Target.detachFromTarget', (p, own) => (own.session(p.sessionId) ? undefined : 'another session')],
]);

/** Why an address may not be opened by a script, if so. Other schemes than these show files or the browser's own pages. */
function unsafeAddress(url: unknown): string | undefined {
  if (typeof url !== 'string') return 'an address that is not text';
  if (url === '' || /^(https?|data|blob):/i.test(url) || /^about:(blank|srcdoc)/i.test(url)) return undefined;
  return `the address ${url.slice(0, 100)}`;
}
