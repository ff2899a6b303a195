# What is stored about people: personal-<category>-what, -why, -after (what becomes of it when the person goes).

personal-account-what = Your name, e-mail address, telephone number and language, what you chose to be told, your password as a hash, and whether you have a second factor.
personal-account-why = So that you can sign in and be reached.
personal-account-after = Deleted at once. An id stays that says nothing about you.

personal-memberships-what = The organisations that you belong to and what you may do for them; if you work here, your roles; and that your address speaks for a tenant of the park, where the list of tenants says so.
personal-memberships-why = So that you can book for your organisation.
personal-memberships-after = Deleted at once. Bookings of the organisation stay with it, and another member looks after them.

personal-sign_ins-what = Where you are signed in: the device as it names itself, and when.
personal-sign_ins-why = So that you can see and end your sign-ins.
personal-sign_ins-after = Deleted at once.

personal-bookings-what = The contact, title and needs of your bookings, and what was said about them; your name, address and telephone number where others named you as their contact.
personal-bookings-why = So that the venue can prepare your event and reach you.
personal-bookings-after = The words are deleted at once; space, time, kind of event, attendance and outcome stay as statistics. Bookings of others stay theirs, with a contact of their own.

personal-messages-what = The mails that we sent you: address and contents; whether somebody confirmed the address, and whether mail reaches it. Your name in mails to others that tell of you.
personal-messages-why = So that no mail is lost, and the front desk can call where one did not arrive.
personal-messages-after = Deleted at once; that a mail was sent stays. A last one tells you that you have gone, and is deleted once it is sent.

personal-links-what = Links in mails that wait for you, and registrations and invitations with them.
personal-links-why = So that nobody can use an address that is not theirs.
personal-links-after = Deleted at once.

personal-audit-what = What staff did, who signed in from which network address, and whose data staff have read.
personal-audit-why = So that misuse can be found; the law wants such logs kept for six months at the least.
personal-audit-after = Kept for its period with the id that says nothing about you; then deleted.

personal-limits-what = Network addresses of recent requests and failed sign-ins, counted.
personal-limits-why = To keep guesses and floods out.
personal-limits-after = Deleted within a day.
