'use strict';

// What each page does; what they share is in base.js, which comes first.

/* ---- signing in ---- */

const resetForm = () => form(t('ask_reset'), [EMAIL], async ({ email }) => {
  await post('/v1/password-resets', { email }, { open: true });
  say(t('mail_sent'), t('reset_sent', { email }));
}, { style: 'quiet' });

const registerForm = () => form(t('register'), [
  { name: 'name', label: t('name'), autocomplete: 'name', maxlength: 200 },
  { ...EMAIL, autocomplete: 'email' },
  ...newPassword('password'),
  { name: 'phone', label: t('phone'), type: 'tel', autocomplete: 'tel', maxlength: 40, required: false },
], async ({ name, email, password, again, phone }, _, element) => {
  sameTwice({ password, again }, 'password', element);
  await post('/v1/accounts', { name, email, password, phone: phone || null, locale: LANG }, { open: true });
  say(t('mail_sent'), PAGE.startsWith('accept') ? t('registered_invited', { email }) : t('registered', { email }));
}, { style: 'quiet' });

function signInForm(then, email) {
  let needsCode = false;
  const draw = (typed) => {
    const fields = [
      { ...EMAIL, value: typed.email },
      { name: 'password', type: 'password', autocomplete: 'current-password', label: t('password'), value: typed.password },
    ];
    if (needsCode) fields.push({ name: 'code', label: t('code'), hint: t('code_hint'), autocomplete: 'one-time-code', maxlength: 40 });
    return form(t('sign_in'), fields, async (values, _, element) => {
      try {
        await post('/v1/sign-ins', { ...values, cookies: true });
      } catch (problem) {
        if (!problem.is?.('second-factor-needed') || needsCode) throw problem;
        needsCode = true;
        const next = draw(values);
        element.replaceWith(next);
        say(t('code_needed'), t('code_hint'));
        next.elements.code.focus();
        return;
      }
      SAID.replaceChildren();
      await then();
    });
  };
  return draw({ email });
}

const signInFirst = (why, then, email) => show(
  why && h('p', null, why), signInForm(then, email),
  more(t('forgot'), h('p', null, t('forgot_why')), resetForm()),
  more(t('no_account'), h('p', null, t('register_why')), registerForm()),
);

function navigation(user) {
  const nav = document.getElementById('nav');
  if (!user) return nav.replaceChildren();
  nav.setAttribute('aria-label', t('navigation'));
  const decides = user.roles.some((role) => role.role === 'approver');
  return nav.replaceChildren(
    link('/', t('title-home')), decides ? link('/requests', t('title-requests')) : '',
    user.memberships.length ? link('/organisations', t('title-organisations')) : '', link('/account', t('title-account')),
  );
}

// a page for whoever is signed in
async function signedIn(why, draw) {
  const user = await me();
  navigation(user);
  if (!user) return signInFirst(why, () => signedIn(why, draw));
  return draw(user);
}

/* ---- pages of a link's token ---- */

function withToken(draw) {
  const token = takeToken();
  if (!token) {
    say(t('no_token'), t('no_token_next'), 'bad');
    return null;
  }
  return draw(token);
}

const used = () => sessionStorage.removeItem(KEPT);

// one button: a scanner that follows the link has confirmed nothing
const confirmPage = (path, what, button, done, next, otherwise) => withToken((token) => show(
  h('p', null, what),
  form(button, [], async () => {
    try {
      await post(path, { token }, { open: true });
    } catch (problem) {
      if (problem.body?.errors) show(otherwise());
      throw problem;
    }
    used();
    show(h('p', null, next));
    say(done);
  }),
));

function invitationPage(path, lines, done) {
  return withToken(async (token) => {
    let invitation;
    try {
      invitation = await post(`${path}/read`, { token }, { open: true });
    } catch (problem) {
      show(h('p', null, t('invitation_again')));
      throw problem;
    }
    const table = () => facts([
      ...lines(invitation), [t('invited_by'), invitation.invited_by], [t('invited_address'), invitation.email],
      [t('invited_until'), moment(invitation.expires_at)],
    ]);
    const draw = async () => {
      const user = await me();
      navigation(user);
      if (!user) {
        signInFirst(t('accept_sign_in', { email: invitation.email }), draw, invitation.email);
        CONTENT.prepend(table());
        return;
      }
      show(
        table(), h('p', null, t('signed_in_as', { email: user.email })),
        form(t('accept'), [], async () => {
          const answer = await post(`${path}/accept`, { token });
          used();
          show(h('p', null, link('/', t('to_bookings'))));
          say(done(answer));
        }),
        user.email.toLowerCase() !== invitation.email.toLowerCase()
          && more(t('other_account'), form(t('sign_out'), [], async () => { await call('DELETE', '/v1/sign-ins/current'); await draw(); }, { style: 'quiet' })),
      );
    };
    await draw();
  });
}

/* ---- a booking ---- */

async function bookingPage(id, user) {
  const { body: booking, tag } = await call('GET', `/v1/bookings/${id}`);
  const path = `/v1/bookings/${booking.id}`;
  const version = booking.layout_version_id;
  const [space, layout, history, questions, changes] = await Promise.all([
    get(`/v1/spaces/${booking.space_id}`), version && maybe(get(`/v1/layout-versions/${version}`)),
    maybe(get(`${path}/history`)), maybe(get(`${path}/questions`)), maybe(get(`${path}/change-requests`)),
  ]);
  const venue = await get(`/v1/venues/${space.venue_id}`);
  const zone = venue.time_zone;
  const again = () => bookingPage(id, user);
  const is = (...roles) => Boolean(user?.roles.some((role) => roles.includes(role.role) && role.venue_id === venue.id
    && (!role.space_id || role.space_id === space.id)));
  const own = !user || booking.requester_id === user.id
    || user.memberships.some((one) => one.organisation_id === booking.organisation_id && one.role !== 'viewer');
  const staff = is('approver', 'front_desk', 'admin');

  // after an act the page shows how things stand, also where it was refused because they have changed
  const act = (label, where, { fields = [], body = () => undefined, style, done } = {}) => form(label, fields, async (values, key) => {
    try {
      const answer = await post(where, body(values), { key, tag: where.startsWith(path) && !where.endsWith('/questions') ? tag : null });
      await again();
      const text = done ?? t('now', { state: word(`state-${answer.state}`), when: span(answer.start, answer.end, zone) });
      say(text, answer.id !== booking.id && answer.reference
        ? user ? link(`/bookings/${answer.reference}`, t('see_reference', { reference: answer.reference })) : t('see_reference', { reference: answer.reference }) : null);
    } catch (problem) {
      if (problem instanceof Problem && [409, 412].includes(problem.body.status)) await again();
      throw problem;
    }
  }, { style, zone });
  const why = (required) => ({ ...REASON, label: t(required ? 'reason' : 'reason_optional'), required });

  document.title = `${booking.title} · ${booking.reference}`;
  document.querySelector('h1').textContent = booking.title;
  const open = booking.state === 'held' || booking.state === 'requested';
  const ahead = open || booking.state === 'confirmed';
  const offered = Boolean(booking.offer_for);
  const buttons = [];
  const folds = [];

  if (booking.state === 'held' && (own || is('front_desk', 'admin'))) {
    buttons.push(act(t(offered ? 'accept_slot' : 'confirm_request'), `${path}/submit`));
    buttons.push(act(t(offered ? 'refuse_slot' : 'release'), `${path}/release`, { style: 'danger' }));
  }
  if (booking.state === 'requested' && is('approver')) {
    buttons.push(act(t('approve'), `${path}/approve`));
    folds.push(more(t('decline_fold'), act(t('decline'), `${path}/decline`, { fields: [why(true)], body: ({ reason }) => ({ reason }), style: 'danger' })));
  }
  if (booking.state === 'confirmed' && is('front_desk', 'admin')) buttons.push(act(t('check_in'), `${path}/check-in`));
  if (ahead && !offered && (own || staff)) folds.push(more(t('change_fold'), changeForm()));
  if (staff && ahead) {
    folds.push(more(t('ask_fold'), act(t('ask'), `${path}/questions`, {
      fields: [{ name: 'question', label: t('question'), kind: 'textarea', maxlength: 1000 }],
      body: ({ question }) => ({ question }), done: t('asked'),
    })));
  }
  if (booking.state === 'requested' && own) {
    folds.push(more(t('withdraw_fold'), act(t('withdraw'), `${path}/withdraw`, { fields: [why(false)], body: ({ reason }) => ({ reason }), style: 'danger' })));
  }
  if (booking.state === 'confirmed' || (booking.state === 'requested' && staff)) {
    folds.push(more(t('cancel_fold'), act(t('cancel'), `${path}/cancel`, { fields: [why(staff && !own)], body: ({ reason }) => ({ reason }), style: 'danger' })));
  }

  function changeForm() {
    const fields = [
      { name: 'start', label: t('new_start'), type: 'datetime-local', step: 300, value: wall(booking.start, zone), hint: t('new_start_hint', { zone: zone.replace('_', ' ') }) },
      { name: 'attendance', label: t('attendance'), type: 'number', min: 1, value: booking.attendance },
      why(false),
    ];
    return form(t('change'), fields, async ({ start, attendance, reason }, key) => {
      const wish = { reason };
      if (start !== wall(booking.start, zone)) wish.start = instantOf(start, zone);
      if (Number(attendance) !== booking.attendance) wish.attendance = Number(attendance);
      let done = null;
      try {
        const moved = await post(`${path}/reschedule`, wish, { key, tag });
        done = t('changed', { when: span(moved.start, moved.end, zone), state: word(`state-${moved.state}`) });
      } catch (problem) {
        // a confirmed booking stays where it is until an approver has said yes
        if (!problem.is?.('change-request-needed')) throw problem;
        await post(`${path}/change-requests`, wish, { key: freshKey(), tag });
        done = t('change_asked');
      }
      await again();
      say(done);
    }, { zone });
  }

  const entry = form(t('calendar'), [], async () => {
    const { body: text } = await call('GET', `${path}/calendar.ics`);
    const url = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }));
    h('a', { href: url, download: `${booking.reference}.ics` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }, { style: 'quiet' });
  const people = [booking.contact.name, booking.contact.phone, booking.contact.email].filter(Boolean).join('\n');
  const trouble = booking.address_trouble && word(`page-trouble-${booking.address_trouble}`);

  show(
    facts([
      [t('state'), stateOf(booking.state)], [t('when'), span(booking.start, booking.end, zone)],
      [t('until'), open && booking.expires_at && t(booking.state === 'held' ? 'kept_until' : 'decided_by', { when: moment(booking.expires_at, zone) })],
      [t('space'), `${named(space)}\n${named(venue)}`], [t('layout'), named(layout?.layout)],
      [t('event_type'), word(`event-type-${booking.event_type}`)], [t('attendance'), String(booking.attendance)],
      [t('needs'), booking.needs], [t('contact'), people], [t('address_trouble'), trouble], [t('reference'), booking.reference],
    ]),
    booking.warnings.map((warning) => h('p', null, t(`warning-${warning}`))),
    offered && booking.state === 'held' && h('p', null, t('offer_what')),
    (questions ?? []).filter((one) => !one.answer && (own || staff)).map((one) => [
      h('h2', null, t('question_open')), h('p', null, one.question),
      act(t('answer_send'), `/v1/questions/${one.id}/answer`, {
        fields: [{ name: 'answer', label: t('answer'), kind: 'textarea', maxlength: 2000 }], body: ({ answer }) => ({ answer }), done: t('answered'),
      }),
    ]),
    (changes ?? []).filter((one) => one.state === 'open').map((one) => [
      h('h2', null, t('change_open')),
      facts([[t('new_when'), span(one.start, one.end, zone)], [t('attendance'), String(one.attendance)], [t('reason'), one.reason]]),
      h('div', { class: 'acts' },
        is('approver') && act(t('change_accept'), `/v1/change-requests/${one.id}/accept`),
        own && act(t('change_withdraw'), `/v1/change-requests/${one.id}/withdraw`, { style: 'danger', done: t('change_withdrawn') })),
      is('approver') && more(t('change_decline_fold'), act(t('decline'), `/v1/change-requests/${one.id}/decline`, {
        fields: [why(true)], body: ({ reason }) => ({ reason }), style: 'danger', done: t('change_declined'),
      })),
    ]),
    h('div', { class: 'acts' }, buttons, ahead && entry),
    folds,
    version && layout && [h('h2', null, t('layout_plan')), h('img', { class: 'plan', src: `/v1/layout-versions/${version}/plan.svg`, alt: t('plan_alt', { layout: named(layout.layout) }) })],
    questions?.some((one) => one.answer) && [h('h2', null, t('questions')), h('ul', { class: 'list' }, questions.filter((one) => one.answer)
      .map((one) => h('li', null, h('p', null, one.question), h('p', { class: 'muted' }, one.answer))))],
    history && [h('h2', null, t('history')), h('ol', { class: 'list' }, history.map((line) => h('li', null,
      h('p', null, word(`page-event-${line.event}`)), h('p', { class: 'muted' }, moment(line.at, zone), ' · ', actor(line)),
      line.reason && h('p', null, line.reason))))],
  );

  function actor(line) {
    if (line.by_guest) return t('by_guest');
    if (!line.actor_id) return t('by_system');
    if (line.actor_id === user?.id) return t('by_you');
    if (line.actor_id === booking.requester_id) return t('by_requester');
    return t(booking.organisation_id ? 'by_staff_or_member' : 'by_staff');
  }
}

// what is somebody's own, and, for staff, what is their venues', which a list has to be told
async function bookingsOf(user, query, own = true) {
  const venues = [...new Set(user.roles.map((role) => role.venue_id))];
  const lists = await Promise.all([...(own ? [''] : []), ...venues.map((id) => `venue_id=${id}&`)].map((where) => get(`/v1/bookings?${where}${query}`)));
  return [...new Map(lists.flat().map((one) => [one.id, one])).values()];
}

async function bookingList(bookings, none) {
  if (!bookings.length) return h('p', null, none);
  const spaces = new Map();
  for (const id of new Set(bookings.map((one) => one.space_id))) spaces.set(id, await get(`/v1/spaces/${id}`));
  const venues = new Map();
  for (const id of new Set([...spaces.values()].map((one) => one.venue_id))) venues.set(id, await get(`/v1/venues/${id}`));
  return h('ul', { class: 'list' }, bookings.map((one) => {
    const space = spaces.get(one.space_id);
    return h('li', null, h('p', null, link(`/bookings/${one.reference}`, one.title), ' ', stateOf(one.state)),
      h('p', { class: 'muted' }, `${span(one.start, one.end, venues.get(space.venue_id).time_zone)} · ${named(space)} · ${one.reference}`));
  }));
}

const referenceForm = () => form(t('open'), [{ name: 'reference', label: t('reference'), hint: t('reference_hint'), maxlength: 20 }],
  ({ reference }) => location.assign(`/bookings/${encodeURIComponent(reference.trim())}${location.search}`), { style: 'quiet' });

/* ---- an account ---- */

async function accountPage(user) {
  const signIns = await get('/v1/sign-ins');
  const again = () => signedIn(t('account_why'), accountPage);
  const out = async (path) => {
    await call('DELETE', path);
    await again();
    say(t('signed_out'));
  };
  show(
    user.second_factor_wanted && !user.second_factor && h('p', null, t('factor_wanted')),
    facts([
      [t('name'), user.name], [t('email'), user.email], [t('phone'), user.phone],
      [t('factor'), t(user.second_factor ? 'factor_on' : 'factor_off')],
      [t('title-organisations'), user.memberships.map((one) => `${one.organisation_name}: ${word(`member-role-${one.role}`)}`).join('\n')],
      [t('roles'), [...new Set(user.roles.map((one) => word(`staff-role-${one.role}`)))].join('\n')],
    ]),
    h('div', { class: 'acts' }, form(t('sign_out'), [], () => out('/v1/sign-ins/current'), { style: 'quiet' }),
      form(t('sign_out_everywhere'), [], () => out('/v1/sign-ins'), { style: 'danger' })),
    more(t('password_fold'), form(t('change_password'), [
      { name: 'current_password', label: t('current_password'), type: 'password', autocomplete: 'current-password' }, ...newPassword('new_password'),
    ], async (values, _, element) => {
      sameTwice(values, 'new_password', element);
      const { current_password, new_password } = values;
      await call('PUT', '/v1/me/password', { body: { current_password, new_password } });
      await again();
      say(t('password_changed'));
    })),
    more(t('forgot'), h('p', null, t('forgot_why')), resetForm()),
    user.second_factor ? more(t('codes_fold'), form(t('codes_new'), [
      { name: 'password', label: t('password'), type: 'password', autocomplete: 'current-password' },
      { name: 'code', label: t('code'), hint: t('code_hint'), autocomplete: 'one-time-code', maxlength: 40 },
    ], async (values) => showCodes(await post('/v1/me/second-factor/recovery-codes', values))))
      : more(t('factor_fold'), h('p', null, t('factor_why')), form(t('factor_begin'), [
        { name: 'password', label: t('password'), type: 'password', autocomplete: 'current-password' },
      ], async ({ password }) => {
        const { secret, uri } = await post('/v1/me/second-factor', { password });
        show(h('p', null, t('factor_app')), h('p', null, h('code', null, secret)), h('p', null, h('a', { href: uri }, t('factor_open'))),
          form(t('confirm'), [{ name: 'code', label: t('code'), autocomplete: 'one-time-code', inputmode: 'numeric', maxlength: 40 }],
            async ({ code }) => showCodes(await post('/v1/me/second-factor/confirm', { code }))));
      })),
    h('h2', null, t('sign_ins')),
    h('ul', { class: 'list' }, signIns.map((one) => h('li', null,
      h('p', null, one.device || t('device_unknown'), one.current ? ` · ${t('here')}` : ''),
      h('p', { class: 'muted' }, t('last_used', { when: moment(one.last_used_at) })),
      !one.current && form(t('end_sign_in'), [], async () => {
        await call('DELETE', `/v1/sign-ins/${one.id}`);
        await again();
        say(t('sign_in_ended'));
      }, { style: 'quiet' })))),
  );
}

function showCodes({ recovery_codes: codes }) {
  show(h('p', null, t('codes_keep')), h('ul', { class: 'list' }, codes.map((code) => h('li', null, h('code', null, code)))),
    h('p', null, link('/account', t('to_account'))));
  say(t('codes_made'));
}

/* ---- an organisation ---- */

async function organisationPage(user) {
  const path = `/v1/organisations/${encodeURIComponent(ABOUT)}`;
  const organisation = await get(path);
  const members = await maybe(get(`${path}/members?limit=100`));
  const owner = user.memberships.some((one) => one.organisation_id === organisation.id && one.role === 'owner');
  const decides = user.roles.some((one) => ['approver', 'admin'].includes(one.role) && one.venue_id === organisation.venue_id && !one.space_id);
  const did = (text) => async (work) => {
    await work();
    await organisationPage(user);
    say(text);
  };
  document.querySelector('h1').textContent = organisation.name;
  show(
    facts([
      [t('state'), t(`organisation-${organisation.state}`)], [t('refusal'), organisation.refusal],
      [t('organisation_kind'), t(`kind-${organisation.kind}`)], [t('credit_code'), organisation.credit_code],
      [t('tenant'), t(organisation.is_tenant ? 'tenant_yes' : 'tenant_no')],
    ]),
    decides && organisation.state !== 'verified' && form(t('verify'), [], () => did(t('verified'))(() => post(`${path}/verify`))),
    decides && organisation.state !== 'refused' && more(t('refuse_fold'), form(t('refuse'), [{ ...REASON, label: t('reason') }],
      ({ reason }) => did(t('refused'))(() => post(`${path}/refuse`, { reason })), { style: 'danger' })),
    owner && organisation.state !== 'verified' && more(t('correct_fold'), form(t('correct'), [
      { name: 'name', label: t('organisation_name'), maxlength: 200, value: organisation.name },
      { name: 'credit_code', label: t('credit_code'), maxlength: 40, value: organisation.credit_code ?? '', required: false },
    ], ({ name, credit_code }) => did(t('corrected'))(() => call('PATCH', path, { body: { name, ...(credit_code && { credit_code }) } })))),
    owner && more(t('invite_fold'), form(t('invite'), [
      { ...EMAIL, autocomplete: 'off' },
      { name: 'role', label: t('role'), kind: 'select', options: ['booker', 'viewer', 'owner'].map((role) => [role, word(`member-role-${role}`)]) },
    ], ({ email, role }, key) => did(t('invited', { email }))(() => post(`${path}/invitations`, { email, role }, { key })))),
    members && [h('h2', null, t('members')), h('ul', { class: 'list' }, members.map((one) => h('li', null,
      h('p', null, one.name, ' · ', word(`member-role-${one.role}`)), h('p', { class: 'muted' }, one.email))))],
  );
}

/* ---- all pages ---- */

const PAGES = {
  home: () => signedIn(t('home_why'), async (user) => show(
    h('p', null, t('signed_in_as', { email: user.email })),
    h('h2', null, t('bookings')), await bookingList(await get('/v1/bookings?limit=50'), t('no_bookings')), referenceForm(),
  )),

  sign_in: () => signedIn(null, () => location.replace(`/${location.search}`)),

  account: () => signedIn(t('account_why'), accountPage),

  verify_email: () => confirmPage('/v1/accounts/verify', t('verify_what'), t('confirm'), t('verify_done'), link('/sign-in', t('sign_in')), () => [
    h('p', null, t('verify_again')),
    form(t('send_again'), [EMAIL], async ({ email }) => {
      await post('/v1/accounts/resend-verification', { email }, { open: true });
      say(t('mail_sent'), t('resent', { email }));
    }),
    h('p', null, link('/sign-in', t('sign_in'))),
  ]),

  confirm_email: () => confirmPage('/v1/email-changes/confirm', t('address_what'), t('confirm'), t('address_done'), link('/sign-in', t('sign_in')), () => [
    h('p', null, t('address_again')), h('p', null, link('/account', t('to_account'))),
  ]),

  reset_password: () => withToken((token) => show(form(t('set_password'), newPassword('password'), async (values, _, element) => {
    sameTwice(values, 'password', element);
    try {
      await post('/v1/password-resets/complete', { token, password: values.password }, { open: true });
    } catch (problem) {
      if (problem.body?.errors?.some((error) => error.field === 'token')) show(h('p', null, t('reset_again')), resetForm());
      throw problem;
    }
    used();
    show(h('p', null, link('/sign-in', t('sign_in'))));
    say(t('password_set'), t('password_set_next'));
  }))),

  accept_invitation: () => invitationPage('/v1/invitations', ({ organisation_name, role }) => [
    [t('organisation_name'), organisation_name], [t('role'), word(`member-role-${role}`)],
  ], ({ organisation_name, role }) => t('joined', { organisation: organisation_name, role: word(`member-role-${role}`) })),

  accept_staff_invitation: () => invitationPage('/v1/staff-invitations', ({ venue_name_zh, venue_name_en, space_name_zh, space_name_en, role }) => [
    [t('venue'), LANG === 'en' ? venue_name_en : venue_name_zh],
    [t('space'), (LANG === 'en' ? space_name_en : space_name_zh) ?? word('staff-everywhere')], [t('role'), word(`staff-role-${role}`)],
  ], ({ role }) => t('works', { role: word(`staff-role-${role}`) })),

  my_booking: () => withToken(async (token) => {
    bearer = token;
    const { id } = await get('/v1/guest-booking');
    await bookingPage(id, null);
  }),

  booking: () => signedIn(t('booking_why', { reference: ABOUT }), async (user) => {
    show(h('p', null, t('signed_in_as', { email: user.email })), referenceForm());
    let found;
    try {
      [found] = await bookingsOf(user, `reference=${encodeURIComponent(ABOUT)}`);
    } catch (problem) {
      // mistyped, as its check character says
      if (problem.body?.status !== 422) throw problem;
    }
    if (found) return bookingPage(found.id, user);
    return say(t('no_such_booking', { reference: ABOUT }), t('no_such_booking_next'), 'bad');
  }),

  requests: () => signedIn(t('requests_why'), async (user) => show(
    await bookingList(await bookingsOf(user, 'state=requested&limit=100', false), t('no_requests')),
    h('h2', null, t('change_requests')), h('p', null, t('change_requests_where')), referenceForm(),
  )),

  organisations: () => signedIn(null, (user) => show(user.memberships.length
    ? h('ul', { class: 'list' }, user.memberships.map((one) => h('li', null, link(`/organisations/${one.organisation_id}`, one.organisation_name), ' · ', word(`member-role-${one.role}`))))
    : h('p', null, t('no_organisations')))),

  organisation: () => signedIn(t('organisation_why'), organisationPage),
};

// what nobody caught is said, too
window.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  sayProblem(event.reason);
});
document.querySelector('.mark').search = location.search;
PAGES[PAGE]();
