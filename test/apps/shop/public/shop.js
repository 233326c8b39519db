// The page of the day: asks the server, then shows the answer as a heading.
const app = document.querySelector('[data-spa]');
app?.querySelector('button')?.addEventListener('click', async () => {
  const answer = await fetch(`/spa/data?d=${app.dataset.spa}`);
  const heading = document.createElement('h1');
  heading.textContent = answer.ok ? (await answer.json()).name : 'Out of stock';
  app.querySelector('[aria-live]').replaceChildren(heading);
});

// "/" goes to the search, as in many shops.
const question = document.querySelector('#q');
addEventListener('keydown', (event) => {
  if (event.key !== '/' || !question || event.target.matches('input')) return;
  event.preventDefault();
  question.focus();
});
