import { type Product, price, product, products } from './catalogue.ts';
import { frame } from './frame.ts';
import { type Html, html } from './html.ts';
import type { Session } from './sessions.ts';
import type { Order } from './truth.ts';

/*
 * One function per page. `broken` leaves out the element that the page is there for, as a bad release would:
 * the button of a form, the heading of an answer.
 */

export function home(session: Session, broken: boolean, refused: boolean): string {
  return frame(
    'Sign in',
    session,
    html`<div class="welcome">
<section><h1>Good tea, simply.</h1>
<p class="lead">Leaves from gardens we know by name, packed the week you order them.</p>
<div class="trio" aria-hidden="true">${products.slice(0, 3).map((p) => html`<img src="/pictures/${p.id}.svg" alt="" width="160" height="120">`)}</div></section>
<form class="card" action="/login" method="post"><h2>Your account</h2>
${refused && html`<p class="alert" role="alert">User or password is not right.</p>`}
<label for="user">User</label><input id="user" name="user" autocomplete="username" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
${!broken && html`<button>Sign in</button>`}
</form></div>`,
  );
}

export function catalogue(session: Session, broken: boolean): string {
  const heading = html`<h1>Welcome, ${session.user}</h1>`;
  return frame(
    'Catalogue',
    session,
    html`${!broken && heading}<p class="lead">What shall it be today?</p>${cards(products)}`,
  );
}

export function searchResults(session: Session, broken: boolean, question: string, found: readonly Product[]): string {
  const heading = html`<h1>Results for “${question}”</h1>`;
  const count = found.length === 1 ? '1 product' : `${found.length} products`;
  return frame('Search', session, html`${!broken && heading}<p class="lead">${count}</p>${cards(found)}`);
}

export function productPage(session: Session, broken: boolean, shown: Product): string {
  return frame(
    shown.name,
    session,
    html`<article class="product"><img src="/pictures/${shown.id}.svg" alt="" width="320" height="240">
<div><p class="kind">${shown.kind}</p><h1>${shown.name}</h1><p class="lead">${shown.about}</p>
<p class="price">${price(shown.cents)}</p>${!broken && addForm(shown)}</div></article>`,
  );
}

export function basket(session: Session, broken: boolean): string {
  const lines = linesOf(session);
  if (lines.length === 0) {
    return frame(
      'Basket',
      session,
      html`<h1>Your basket</h1><p class="lead">It is empty. <a href="/catalogue">Choose a tea</a>.</p>`,
    );
  }
  const next = html`<p class="actions"><a class="plain" href="/catalogue">Continue shopping</a><a class="button" href="/checkout">Checkout</a></p>`;
  return frame('Basket', session, html`<h1>Your basket</h1>${summary(lines)}${!broken && next}`);
}

export function checkout(session: Session, broken: boolean): string {
  return frame(
    'Checkout',
    session,
    html`<h1>Checkout</h1><div class="columns">
<form class="card" action="/order" method="post"><h2>Delivery</h2>
<label for="name">Name</label><input id="name" name="name" autocomplete="name" value="Demo Visitor" maxlength="100" required>
<label for="address">Address</label><input id="address" name="address" autocomplete="street-address" value="12 Orchard Lane" maxlength="200" required>
<label for="reference">Your reference <small>(optional)</small></label><input id="reference" name="reference" value="${session.reference}" maxlength="100">
${!broken && html`<button>Place order</button>`}
</form><section class="card"><h2>Summary</h2>${summary(linesOf(session))}</section></div>`,
  );
}

export function confirmation(session: Session, broken: boolean, order: Order): string {
  return frame(
    'Order confirmed',
    session,
    html`<section class="card done">${!broken && html`<h1>Thank you for your order</h1>`}
<p class="lead">Order <strong>${order.number}</strong> is on its way to being packed.</p>
<dl><dt>Total</dt><dd>${price(order.cents)}</dd>${order.reference !== undefined && html`<dt>Your reference</dt><dd>${order.reference}</dd>`}</dl>
<p><a class="button" href="/catalogue">Back to the catalogue</a></p></section>`,
  );
}

/** A single-page application: the button fetches data that takes `delayMs`, then a heading appears. */
export function spa(session: Session, broken: boolean, delayMs: number): string {
  return frame(
    'Tea of the day',
    session,
    html`<section class="card done" data-spa="${delayMs}"><h2>Tea of the day</h2><p class="lead">Ask, and we choose one for you.</p>
${!broken && html`<p><button type="button">Show</button></p>`}<div aria-live="polite"></div></section>`,
  );
}

/** For visitors who went wrong, and for when we do. */
export function sorry(session: Session, heading: string, text: string): string {
  return frame(
    heading,
    session,
    html`<section class="card done"><h1>${heading}</h1><p class="lead">${text}</p></section>`,
  );
}

/** What the basket costs, in cents. */
export function total(session: Session): number {
  return linesOf(session).reduce((sum, line) => sum + line.cents, 0);
}

interface Line {
  product: Product;
  amount: number;
  cents: number;
}

function linesOf(session: Session): Line[] {
  return [...session.basket].flatMap(([id, amount]) => {
    const found = product(id);
    return found ? [{ product: found, amount, cents: amount * found.cents }] : [];
  });
}

function summary(lines: readonly Line[]): Html {
  const row = (line: Line) =>
    html`<tr><td>${line.product.name}</td><td>${line.amount}</td><td>${price(line.cents)}</td></tr>`;
  const sum = lines.reduce((cents, line) => cents + line.cents, 0);
  return html`<table><thead><tr><th scope="col">Product</th><th scope="col">Amount</th><th scope="col">Price</th></tr></thead>
<tbody>${lines.map(row)}</tbody><tfoot><tr><th scope="row" colspan="2">Total</th><td>${price(sum)}</td></tr></tfoot></table>`;
}

function cards(shown: readonly Product[]): Html {
  const card = (
    p: Product,
  ) => html`<li class="card"><img src="/pictures/${p.id}.svg" alt="" width="320" height="240" loading="lazy">
<p class="kind">${p.kind}</p><h2><a href="/products/${p.id}">${p.name}</a></h2><p>${p.about}</p>
<div class="buy"><span class="price">${price(p.cents)}</span>${addForm(p)}</div></li>`;
  return html`<ul class="cards">${shown.map(card)}</ul>`;
}

function addForm(p: Product): Html {
  return html`<form action="/basket" method="post"><input type="hidden" name="product" value="${p.id}"><button aria-label="Add ${p.name} to basket">Add</button></form>`;
}
