'use strict';

// What every page shares: words, elements, times, the API, forms.

const WORDS = JSON.parse(document.getElementById('words').textContent);
const LANG = document.documentElement.lang;
const PAGE = document.body.dataset.page;
const SAID = document.getElementById('said');
const CONTENT = document.getElementById('content');
const ABOUT = decodeURIComponent(location.pathname.split('/')[2] ?? '');

const word = (key) => WORDS[key] ?? key;
const t = (key, values = {}) => word(`page-${key}`).replace(/\{\$(\w+)\}/g, (_, name) => values[name] ?? '');
const named = (thing) => thing && (LANG === 'en' ? thing.name_en : thing.name_zh);

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const show = (...children) => CONTENT.replaceChildren(...children.flat(Infinity).filter(Boolean));
const link = (path, text) => h('a', { href: path + location.search }, text);
const facts = (rows) => h('dl', null, rows.filter(([, value]) => value).map(([key, value]) => [h('dt', null, key), h('dd', null, value)]));
const more = (summary, ...children) => h('details', null, h('summary', null, summary), ...children);
const stateOf = (state) => h('span', { class: `state state-${state}` }, word(`state-${state}`));

/* ---- times, in the venue's wall time ---- */

function parts(instant, zone) {
  const format = new Intl.DateTimeFormat(LANG === 'en' ? 'en-GB' : 'zh-CN', {
    timeZone: zone, year: 'numeric', month: LANG === 'en' ? 'short' : 'numeric', day: 'numeric', weekday: 'short',
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  return Object.fromEntries(format.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
}

function day(at) {
  const year = at.year === String(new Date().getFullYear()) ? '' : at.year;
  if (LANG === 'en') return `${at.weekday} ${at.day} ${at.month}${year && ` ${year}`}, `;
  return `${year && `${year}年`}${at.month}月${at.day}日（${at.weekday}）`;
}

function moment(instant, zone) {
  const at = parts(instant, zone);
  return `${day(at)}${at.hour}:${at.minute}`;
}

function span(start, end, zone) {
  const [from, to] = [parts(start, zone), parts(end, zone)];
  const until = `${to.hour}:${to.minute}`;
  return `${day(from)}${from.hour}:${from.minute}–${day(from) === day(to) ? until : day(to) + until}`;
}

// the wall time that a field of type datetime-local shows, and back
function wall(instant, zone) {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  return format.format(new Date(instant)).replace(' ', 'T');
}

function instantOf(local, zone) {
  const asked = Date.parse(`${local}Z`);
  // twice, as the offset may change between the guess and the answer
  let found = asked;
  for (let turn = 0; turn < 2; turn += 1) found += asked - Date.parse(`${wall(found, zone)}Z`);
  return new Date(found).toISOString();
}

/* ---- the token of a mail's link: out of the address bar at once, kept by this tab until it is used ---- */

const KEPT = `mofang ${PAGE}`;

function takeToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!found) return sessionStorage.getItem(KEPT);
  sessionStorage.setItem(KEPT, found);
  history.replaceState(null, '', location.pathname + location.search);
  return found;
}

// another mail's link to the page that is open already
window.addEventListener('hashchange', () => location.hash.includes('token=') && location.reload());

/* ---- the API ---- */

class Problem extends Error {
  constructor(body) {
    super(body.title);
    this.body = body;
  }

  is(slug) {
    return this.body.type === `/problems/${slug}`;
  }
}

let bearer = null;

const csrf = () => /(?:^|;\s*)(?:__Host-)?mofang-csrf=([^;]+)/.exec(document.cookie)?.[1];
const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

async function ask(method, path, { body, tag, key, open } = {}) {
  const headers = { 'Accept-Language': LANG };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  else if (!open && method !== 'GET' && csrf()) headers['X-CSRF-Token'] = csrf();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (tag) headers['If-Match'] = tag;
  if (key) headers['Idempotency-Key'] = key;
  try {
    return await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store',
      credentials: bearer || open ? 'omit' : 'same-origin',
    });
  } catch {
    throw new Problem({ type: 'offline', title: t('offline'), detail: t('offline_next') });
  }
}

// `open`: for what anybody may, without the cookies of a sign-in
async function call(method, path, options = {}) {
  let response = await ask(method, path, options);
  if (response.status === 401 && !bearer && !options.open && path !== '/v1/sign-ins' && csrf()) {
    const refreshed = await ask('POST', '/v1/sign-ins/refresh');
    // 409: another tab was quicker, and its cookies are ours
    if (refreshed.ok || refreshed.status === 409) response = await ask(method, path, options);
  }
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const json = type.includes('json') && text ? JSON.parse(text) : text;
  if (!response.ok) throw new Problem(typeof json === 'object' ? json : { title: t('fault'), detail: String(response.status) });
  return { body: json, tag: response.headers.get('etag') };
}

const get = async (path, options) => (await call('GET', path, options)).body;
const post = async (path, body, options) => (await call('POST', path, { body, ...options })).body;
// what a reader may not see is simply not shown
const maybe = (promise) => promise.catch(() => null);

async function me() {
  if (!csrf()) return null;
  try {
    return await get('/v1/me');
  } catch (problem) {
    if (problem.body?.status === 401) return null;
    throw problem;
  }
}

/* ---- what happened ---- */

function say(title, detail, kind = 'ok', lists = []) {
  const items = lists.filter((list) => list.length).map((list) => h('ul', null, list.map((line) => h('li', null, line))));
  SAID.replaceChildren(h('div', { class: kind }, h('p', null, h('strong', null, title)), detail && h('p', null, detail), items));
  SAID.focus();
  SAID.scrollIntoView({ block: 'nearest' });
}

function sayProblem(problem, form, zone) {
  if (!(problem instanceof Problem)) {
    console.error(problem);
    say(t('fault'), t('fault_next'), 'bad');
    return;
  }
  const { title, detail, errors = [], reasons = [], alternatives = [], in_the_way: inTheWay = [] } = problem.body;
  // a link that is no good is all that there is to say
  const ofLink = errors.find((error) => error.field === 'token');
  if (ofLink) {
    say(ofLink.detail, null, 'bad');
    return;
  }
  const lines = [];
  for (const error of errors) {
    const field = form?.elements.namedItem(error.field) ?? form?.elements.namedItem(error.field.split('.').pop());
    if (field instanceof Element) markWrong(field, error.detail);
    lines.push(field instanceof Element ? `${form.querySelector(`label[for="${field.id}"]`).textContent}: ${error.detail}` : error.detail);
  }
  const others = alternatives.map((slot) => span(slot.start, slot.end, zone));
  if (others.length) others.unshift(t('alternatives'));
  if (inTheWay.length) lines.push(t('in_the_way', { count: inTheWay.length }));
  say(title, detail, 'bad', [lines, reasons.map((reason) => reason.detail), others]);
}

function markWrong(field, detail) {
  const id = `${field.id}-wrong`;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', `${field.getAttribute('aria-describedby') ?? ''} ${id}`.trim());
  field.after(h('span', { class: 'wrong', id }, detail));
}

function clearWrong(form) {
  form.querySelectorAll('.wrong').forEach((element) => element.remove());
  form.querySelectorAll('[aria-invalid]').forEach((element) => element.removeAttribute('aria-invalid'));
}

/* ---- forms ---- */

let made = 0;

function fieldOf({ name, label, hint, kind = 'input', options, ...attributes }) {
  made += 1;
  const id = `field-${made}`;
  const described = hint ? { 'aria-describedby': `${id}-hint` } : {};
  const element = h(kind, { id, name, required: kind !== 'select', ...described, ...attributes },
    options?.map(([value, text]) => h('option', { value }, text)));
  return [h('label', { for: id }, label), hint && h('span', { class: 'hint', id: `${id}-hint` }, hint), element];
}

// `act` gets what was typed, and the key under which trying again has one effect; what it throws is said
function form(label, fields, act, { style, zone } = {}) {
  const button = h('button', { type: 'submit', class: style ?? '' }, label);
  let key = freshKey();
  const element = h('form', {
    submit: async (event) => {
      event.preventDefault();
      clearWrong(element);
      button.disabled = true;
      try {
        await act(Object.fromEntries(new FormData(element)), key, element);
        key = freshKey();
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.body.type !== 'offline') key = freshKey();
        sayProblem(problem, element, zone);
      } finally {
        button.disabled = false;
      }
    },
  }, fields.map(fieldOf), button);
  return element;
}

const EMAIL = { name: 'email', type: 'email', autocomplete: 'username', maxlength: 254, get label() { return t('email'); } };
const NEW_PASSWORD = {
  type: 'password', autocomplete: 'new-password', minlength: 12, maxlength: 128,
};
const REASON = { name: 'reason', kind: 'textarea', maxlength: 500 };

const newPassword = (name) => [
  { ...NEW_PASSWORD, name, label: t('new_password'), hint: t('password_rule') },
  { ...NEW_PASSWORD, name: 'again', label: t('password_again') },
];

function sameTwice(values, name, element) {
  if (values[name] === values.again) return;
  const detail = t('passwords_differ');
  throw new Problem({ title: detail, errors: [{ field: element.elements.again.name, detail }] });
}
