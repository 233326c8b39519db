import Router, { type RouterMiddleware } from '@koa/router';
import type { Context } from 'koa';
import { product, products, search } from './catalogue.ts';
import * as pages from './pages.ts';
import { type Shop, servePage, type Visit } from './serve-page.ts';
import type { PageName } from './switches.ts';

type Handler = RouterMiddleware<Visit>;

/** Every address of the shop but its files. */
export function routes(shop: Shop): Router<Visit> {
  const router = new Router<Visit>();
  const at = (name: PageName) => servePage(shop, name);
  router.get('/', at('home'), signInPage);
  router.post('/login', at('login'), signIn(shop));
  router.get('/catalogue', at('catalogue'), member, catalogue);
  router.get('/search', at('search'), member, searchResults(shop));
  router.get('/products/:id', at('product'), member, productPage);
  router.get('/basket', at('basket'), member, basket);
  router.post('/basket', at('basket'), member, addToBasket);
  router.get('/checkout', at('checkout'), member, withBasket, checkout);
  router.post('/order', at('order'), member, withBasket, placeOrder(shop));
  router.get('/orders/:number', at('confirmation'), member, confirmation);
  router.post('/logout', at('logout'), signOut(shop));
  router.get('/spa', at('spa'), spa);
  router.get('/spa/data', servePage(shop, 'data', askedDelay), teaOfTheDay);
  return router;
}

const signInPage: Handler = (ctx) => {
  const { session, broken } = ctx.state;
  if (session.user !== undefined) return seeOther(ctx, '/catalogue');
  ctx.body = pages.home(session, broken, false);
};

function signIn(shop: Shop): Handler {
  return (ctx) => {
    const { session, form } = ctx.state;
    const user = form.get('user') ?? '';
    if (shop.passwords.get(user) !== form.get('password')) {
      shop.tally.count('failedLogins');
      ctx.body = pages.home(session, false, true);
      return;
    }
    shop.tally.count('logins');
    shop.sessions.signIn(session, user);
    seeOther(ctx, '/catalogue');
  };
}

/** Lets only those pass who have signed in. */
const member: Handler = (ctx, next) => (ctx.state.session.user === undefined ? seeOther(ctx, '/') : next());

const catalogue: Handler = (ctx) => {
  ctx.body = pages.catalogue(ctx.state.session, ctx.state.broken);
};

function searchResults(shop: Shop): Handler {
  return (ctx) => {
    const question = textOf(ctx, 'q');
    shop.tally.count('searches');
    ctx.body = pages.searchResults(ctx.state.session, ctx.state.broken, question, search(question));
  };
}

const productPage: Handler = (ctx) => {
  const shown = product(ctx.params.id ?? '');
  if (!shown) return notFound(ctx);
  ctx.body = pages.productPage(ctx.state.session, ctx.state.broken, shown);
};

const basket: Handler = (ctx) => {
  ctx.body = pages.basket(ctx.state.session, ctx.state.broken);
};

const addToBasket: Handler = (ctx) => {
  const added = product(ctx.state.form.get('product') ?? '');
  if (!added) return notFound(ctx);
  const { basket } = ctx.state.session;
  basket.set(added.id, Math.min((basket.get(added.id) ?? 0) + 1, 99));
  seeOther(ctx, '/basket');
};

/** Lets only those pass who have something to order. */
const withBasket: Handler = (ctx, next) => (ctx.state.session.basket.size === 0 ? seeOther(ctx, '/basket') : next());

const checkout: Handler = (ctx) => {
  ctx.body = pages.checkout(ctx.state.session, ctx.state.broken);
};

function placeOrder(shop: Shop): Handler {
  return (ctx) => {
    const { session, form } = ctx.state;
    const reference = (form.get('reference') || session.reference || '').slice(0, 100);
    const order = shop.tally.order({
      user: session.user ?? '',
      ...(reference && { reference }),
      at: shop.now(),
      cents: pages.total(session),
    });
    session.orders.push(order);
    session.basket.clear();
    delete session.reference;
    seeOther(ctx, `/orders/${order.number}`);
  };
}

const confirmation: Handler = (ctx) => {
  const order = ctx.state.session.orders.find(({ number }) => number === ctx.params.number);
  if (!order) return notFound(ctx);
  ctx.body = pages.confirmation(ctx.state.session, ctx.state.broken, order);
};

function signOut(shop: Shop): Handler {
  return (ctx) => {
    if (ctx.state.session.user !== undefined) shop.tally.count('signOuts');
    shop.sessions.end(ctx.state.session);
    ctx.state.session = shop.sessions.start(shop.now());
    seeOther(ctx, '/');
  };
}

const spa: Handler = (ctx) => {
  ctx.body = pages.spa(ctx.state.session, ctx.state.broken, askedDelay(ctx));
};

const teaOfTheDay: Handler = (ctx) => {
  ctx.body = { name: products[0]?.name };
};

/** What `?d=` asks for in ms, from 0 to a minute. */
function askedDelay(ctx: Context): number {
  const asked = Number(textOf(ctx, 'd'));
  return Number.isFinite(asked) ? Math.min(Math.max(0, asked), 60_000) : 0;
}

function textOf(ctx: Context, name: string): string {
  const value = ctx.query[name];
  return (typeof value === 'string' ? value : '').slice(0, 100);
}

function seeOther(ctx: Context, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}

function notFound(ctx: Context & { state: Visit }): void {
  ctx.status = 404;
  ctx.body = pages.sorry(
    ctx.state.session,
    'Not here',
    'We do not have this page. The catalogue has everything that we sell.',
  );
}
