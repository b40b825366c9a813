// The page in a real browser. .ci/browser runs it, with the URL of a mock in MOCK_URL, the browser in
// CHROMIUM and a folder for pictures in PICTURES.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { chromium } = require('playwright-core');

const base = process.env.MOCK_URL;
const port = new URL(base).port;
let browser;
test.before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'] });
});
test.after(() => browser.close());

async function api(method, path, body, headers = {}) {
  const answer = await fetch(base + path, { method, headers: { 'x-api-key': 'offline-key', 'content-type': 'application/json', ...headers }, body: body && (typeof body === 'string' ? body : JSON.stringify(body)) });
  return answer.json();
}
const order = async () => '+' + (await api('POST', '/activations', { serviceId: 'facebook', countryId: 'us' })).number;
const send = (to, text) => api('POST', '/control/messages', { from: 'Shop', to, text });

// open opens the page, and fails the test when the page says anything on its console, opens a dialog, or
// asks anybody but its own server.
async function open(t, options = {}) {
  await api('POST', '/control/reset');
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  t.after(() => context.close());
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', m => wrong.push(m.text()));
  page.on('pageerror', e => wrong.push(e.message));
  page.on('dialog', d => { if (d.type() === 'confirm') d.accept(); else { wrong.push('dialog ' + d.message()); d.dismiss(); } });
  page.on('request', r => { if (new URL(r.url()).origin !== base && !r.url().startsWith('data:')) wrong.push('asked ' + r.url()); });
  await page.goto(base + '/');
  await page.getByText('live', { exact: true }).waitFor();
  t.after(() => assert.deepEqual(wrong, []));
  return page;
}

test('numbers and messages come live, and a code is copied by the keyboard', async t => {
  const page = await open(t);
  const number = await order();
  const row = page.getByRole('region', { name: /Numbers/ }).getByRole('row', { name: new RegExp('\\' + number) });
  await row.waitFor();
  assert.match(await row.textContent(), /facebook us.*smsRequested.*(20:00|19:\d\d)/);

  const form = new URLSearchParams({ To: number, From: '+15005550006', Body: 'Your code is 05678' }).toString();
  const began = Date.now();
  await api('POST', '/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json', form, { 'content-type': 'application/x-www-form-urlencoded' });
  const code = page.getByRole('button', { name: 'copy the code 05678' });
  await code.waitFor();
  assert.ok(Date.now() - began < 10000, 'it took ' + (Date.now() - began) + ' ms');
  await page.getByText('smsReceived').waitFor();
  await code.focus();
  await page.keyboard.press('Enter');
  await page.getByText('copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '05678');
  assert.match(await page.getByRole('log').textContent(), /SMS to .*code 0 5 6 7 8/);
});

test('every text is text', async t => {
  const page = await open(t);
  const texts = [
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', '</li></ul><h1>owned</h1>', '&lt;b&gt; &amp; &#x41;',
    'javascript:alert(1)', '{{7*7}} ${7*7}', '\u202Eevil\u202C \u2066isolated', 'line\nline\r\n\tline', '😀👩‍👩‍👧‍👦 ваш код 4711', '\u0000\u0007\uFFFF', 'x'.repeat(10000), '😀'.repeat(10000),
  ];
  const elements = await page.locator('body *').count();
  for (const text of texts) await send('<b>to</b>', text);
  await page.waitForFunction(n => document.querySelectorAll('.message').length === n, texts.length);
  const shown = await page.locator('.message p').evaluateAll(all => all.map(p => [p.textContent, p.childElementCount]));
  assert.deepEqual(shown, texts.map(text => [text, 0]).reverse());
  assert.equal(await page.locator('img, svg, main h1, .message script').count(), 0);
  assert.ok((await page.locator('body *').count()) < elements + 9 * texts.length);
  // The width of the page is that of the window, whatever the texts.
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test('an SMS is sent by the form, without a mouse', async t => {
  const page = await open(t);
  const number = await order();
  await page.getByRole('button', { name: number }).press('Enter');
  assert.equal(await page.getByRole('combobox', { name: 'To' }).inputValue(), number);
  await page.getByRole('textbox', { name: 'Text' }).fill('PIN 4711');
  await page.getByRole('button', { name: 'Send', exact: true }).press('Enter');
  await page.getByText('sent', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'copy the code 4711' }).waitFor();
  await page.getByRole('combobox', { name: 'To' }).fill('+447700900123');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('sent; nobody rents this number').waitFor();
});

test('a rule is named and switched off where it refused', async t => {
  const page = await open(t);
  for (let i = 0; i < 11; i++) await api('GET', '/user/balance');
  await page.getByRole('button', { name: 'switch it off' }).click();
  await page.waitForFunction(() => !document.getElementById('rate_limits').checked);
  assert.equal((await api('GET', '/user/balance')).balance, 100);
  await page.getByLabel('rate limit of every endpoint').check();
  await page.waitForFunction(async () => (await (await fetch('/control/settings')).json()).rules.rate_limits);
  await page.getByLabel(/at most 20 numbers/).uncheck();
  await page.waitForFunction(async () => (await (await fetch('/control/settings')).json()).rules.pending_cap === 0);
});

test('faults, dialects and reset', async t => {
  const page = await open(t);
  await page.getByLabel('Where').selectOption('GET /user/balance');
  await page.getByLabel('What').selectOption('500 with a page of HTML');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('GET /user/balance: times 1, status 500, html true').waitFor();
  assert.equal((await fetch(base + '/user/balance', { headers: { 'x-api-key': 'offline-key' } })).status, 500);
  await page.getByText('a fault was injected').waitFor();
  await page.getByLabel('Where').selectOption('twilio-messages');
  await page.getByLabel('What').selectOption('lost on the way (intake)');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('twilio-messages: times 1, lose true').waitFor();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByText('cleared').waitFor();
  assert.deepEqual((await api('GET', '/control/settings')).faults, []);
  await page.getByText('Dialect of the answers').click();
  await page.getByLabel('iso-times').check();
  await page.waitForFunction(async () => (await (await fetch('/control/settings')).json()).dialect.includes('iso-times'));
  await order();
  await page.getByText('smsRequested').waitFor();
  await page.getByRole('button', { name: 'Reset everything' }).click();
  await page.getByText('No SMS has come yet').waitFor();
  await page.getByText('smsRequested').waitFor({ state: 'detached' });
  assert.ok(!(await page.getByLabel('iso-times').isChecked()));
});

test('a thousand messages', async t => {
  const page = await open(t);
  for (let i = 0; i < 1000; i++) await send('+4477009' + String(i).padStart(5, '0'), 'Your code is ' + String(100000 + i));
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 1000);
  const began = Date.now();
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 1000);
  t.diagnostic('read and drawn in ' + (Date.now() - began) + ' ms');
  assert.ok(Date.now() - began < 100000);
  const sent = Date.now();
  await send('+447700900123', 'Your code is 424242');
  await page.waitForFunction(() => document.querySelector('.code').textContent === '424242');
  t.diagnostic('the next one shown after ' + (Date.now() - sent) + ' ms');
  assert.ok(Date.now() - sent < 10000, 'it does not draw all anew');
  assert.equal(await page.locator('.message').count(), 1000, 'the oldest has gone');
});

test('a search shows only what has the words, and new messages that have them', async t => {
  const page = await open(t);
  await send('+447700900123', 'Your code is 111111');
  await send('+447700900124', 'Ваш КОД 222222');
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 2);
  await page.getByRole('searchbox').fill('ваш код');
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 1);
  await page.getByText('(1 of 2)').waitFor();
  await send('+447700900125', 'no such words');
  await send('+447700900126', 'ваш код 333333');
  await page.getByText('(2 of 4)').waitFor();
  await page.getByRole('searchbox').fill('900123');
  await page.getByRole('button', { name: 'copy the code 111111' }).waitFor();
  assert.equal(await page.locator('.message').count(), 1);
  await page.getByRole('searchbox').fill('nowhere');
  await page.getByText('None of the messages has that').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 4);
  assert.equal(await page.title(), '(4) SMS inbox');
});

test('what an app asked is shown with what is wrong with it, and a fault that was used up goes', async t => {
  const page = await open(t);
  await page.getByText('Nothing was asked yet').waitFor();
  await page.getByText('No number is rented').waitFor();
  const form = (to) => new URLSearchParams({ To: to, From: 'Shop', Body: 'hello' }).toString();
  const post = to => api('POST', '/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json', form(to), { 'content-type': 'application/x-www-form-urlencoded' });
  await post('+1845');
  await page.getByText("21211 Invalid 'To' Phone Number: +1845").waitFor();
  await api('POST', '/control/faults', { endpoint: 'twilio-messages', status: 503, times: 1 });
  await page.getByText('twilio-messages: times 1, status 503').waitFor();
  await post('+447700900123');
  await page.getByText('Service Unavailable').waitFor();
  await page.getByText('twilio-messages: times 1, status 503').waitFor({ state: 'detached' });
  await api('POST', '/control/faults', { endpoint: 'GET /user/balance', status: 500, times: 1 });
  await page.getByText('GET /user/balance: times 1, status 500').waitFor();
  await api('GET', '/user/balance');
  await page.getByText('GET /user/balance: times 1, status 500').waitFor({ state: 'detached' });
});

test('pages of others neither read nor change anything', async t => {
  await api('POST', '/control/reset');
  const number = await order();
  const foreign = http.createServer((_, w) => w.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>evil</title>'));
  await new Promise(done => foreign.listen(0, '127.0.0.1', done));
  t.after(() => foreign.close());
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const requests = [];
  page.on('response', r => requests.push(r.status()));
  // Once as another site, once by a name that the site lets point at the box.
  await page.goto('http://evil.example:' + foreign.address().port + '/');
  const got = await page.evaluate(async base => {
    const read = [];
    const get = async (path, options) => { try { const a = await fetch(base + path, options); if (a.type !== 'opaque') read.push(path + ' ' + await a.text()); } catch { /* kept out */ } };
    await get('/control/activations'); await get('/control/messages'); await get('/user/balance', { headers: { 'x-api-key': 'offline-key' } });
    for (const path of ['/control/reset', '/control/messages', '/intake/http?to=/to&text=/text', '/activations', '/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json', '/'])
      for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
        await get(path, { method: 'POST', mode: 'no-cors', headers: { 'content-type': type }, body: type === 'text/plain' ? '{"to":"+447700900123","text":"x"}' : 'To=%2B447700900123&From=x&Body=x&Action=Publish&PhoneNumber=%2B447700900123&Message=x' });
    await new Promise(done => { const s = new EventSource(base + '/control/events'); s.onerror = () => { s.close(); done(); }; s.onopen = () => { read.push('events'); s.close(); done(); }; });
    await new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = base + '/control/activations'; });
    const frame = document.createElement('iframe'); document.body.append(frame);
    const form = document.createElement('form'); form.method = 'post'; form.action = base + '/control/reset'; form.target = frame.name = 'sink'; document.body.append(form); form.submit();
    await new Promise(done => { frame.onload = done; setTimeout(done, 1000); });
    return read;
  }, base);
  assert.deepEqual(got, []);
  assert.ok(requests.filter(s => s === 403).length >= 12, 'refused: ' + requests);
  const rebound = await page.goto('http://evil.example:' + port + '/');
  assert.equal(rebound.status(), 403);
  const inside = await page.evaluate(async () => { const a = await fetch('/control/reset', { method: 'POST' }); return a.status + (await a.text()); });
  assert.match(inside, /^403.*not allowed/);
  const left = await api('GET', '/control/activations');
  assert.deepEqual(left.map(a => a.number), [number]);
  assert.deepEqual(await api('GET', '/control/messages'), []);
});

test('empty, full, light, dark and narrow, for looking at', async t => {
  const page = await open(t);
  const picture = async (name, colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: process.env.PICTURES + '/' + name + '.png', fullPage: true });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
  };
  await page.getByText('No SMS has come yet').waitFor();
  await picture('empty', 'light', 1280);
  await picture('empty-phone', 'dark', 390);
  const number = await order();
  await order();
  await send(number, 'Your code is 05678');
  await send('+447700900123', '<b>Ваш код 4711</b> \u202Eevil\u202C 😀');
  await send('+972501234567', 'קוד האימות שלך הוא 482913. אין לשתף אותו עם אף אחד.');
  await send('+447700900124', 'without spaces ' + 'x'.repeat(1000) + ' code 123456');
  await send('+447700900125', 'Dear customer, your parcel is on its way. '.repeat(40));
  await api('POST', '/control/faults', { endpoint: 'GET /user/balance', status: 503, times: 3 });
  await api('GET', '/user/balance');
  await api('GET', '/nowhere/' + 'long'.repeat(100));
  for (let i = 0; i < 20; i++) await order();
  await page.getByText('a fault was injected').waitFor();
  await page.getByText('cap of pending activations').first().waitFor();
  for (const [name, scheme, width] of [['light', 'light', 1280], ['dark', 'dark', 1280], ['phone', 'light', 390], ['phone-dark', 'dark', 390], ['narrow', 'light', 320]]) await picture(name, scheme, width);
});
