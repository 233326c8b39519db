import { type Html, html } from './html.ts';
import type { Session } from './sessions.ts';

/** The page around a page: head, header with search and basket for those signed in, footer. */
export function frame(title: string, session: Session, content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Leaf &amp; Kettle</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/shop.css">
<script src="/shop.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar"><div class="inner">
<a class="brand" href="${session.user ? '/catalogue' : '/'}"><img src="/favicon.svg" alt="" width="28" height="28">Leaf &amp; Kettle</a>
${session.user !== undefined && memberBar(session)}
</div></header>
<main id="content" class="inner">${content}</main>
<footer><div class="inner">Leaf &amp; Kettle · Loose leaf tea since 1998 · Free delivery from € 35</div></footer>
</body>
</html>
`.toString();
}

function memberBar(session: Session): Html {
  const amount = [...session.basket.values()].reduce((sum, n) => sum + n, 0);
  return html`<form class="search" action="/search" role="search">
<label class="unseen" for="q">Search</label><input id="q" name="q" type="search" placeholder="Search teas and teaware" maxlength="100">
</form>
<nav aria-label="Your account">
<a href="/catalogue">Catalogue</a>
<a href="/basket">Basket${amount > 0 && html` <span class="badge">${amount}</span>`}</a>
<form action="/logout" method="post"><button class="plain">Sign out</button></form>
</nav>`;
}
