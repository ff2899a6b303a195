# Mails about accounts and organisations: mail-<kind>-subject, -heading, -what, -next, -link.

mail-product = Mofang

mail-verify_address-subject = Confirm your address
mail-verify_address-heading = Please confirm your address
mail-verify_address-what = Somebody, probably you, registered at { $venue } with the address { $to }.
mail-verify_address-next = Open the link within 24 hours and your account is ready. If you did not register, do nothing: no account is made.
mail-verify_address-link = Confirm my address

mail-address_known-subject = You have an account already
mail-address_known-heading = You have an account already
mail-address_known-what = Somebody, probably you, registered at { $venue } with the address { $to }, which belongs to your account.
mail-address_known-next = Sign in as usual; if you have forgotten your password, ask there for a new one. If it was not you, do nothing: your account is as it was.
mail-address_known-link = Sign in

mail-reset_password-subject = Choose a new password
mail-reset_password-heading = Choose a new password
mail-reset_password-what = Somebody, probably you, asked for a new password for { $to }.
mail-reset_password-next = Open the link within an hour and choose one; it ends every sign-in of your account. If you did not ask, do nothing: your password stays as it is.
mail-reset_password-link = Choose a new password

mail-password_changed-subject = Your password was changed
mail-password_changed-heading = Your password was changed
mail-password_changed-what = The password of your account { $to } is another one now, and all earlier sign-ins have ended.
mail-password_changed-next = If it was not you, ask for a new password on the sign-in page at once, and tell the front desk.
mail-password_changed-link = Open my account

mail-confirm_address-subject = Confirm your new address
mail-confirm_address-heading = Please confirm your new address
mail-confirm_address-what = The address { $to } was given for an account at { $venue }.
mail-confirm_address-next = Open the link within 24 hours; from then on you sign in with this address and mail goes to it. If you did not ask for this, do nothing.
mail-confirm_address-link = Confirm my new address

mail-address_change_asked-subject = Another address for your account
mail-address_change_asked-heading = Another address was asked for
mail-address_change_asked-what = Somebody who is signed in to your account and knows its password asked to change its address to { $address }.
mail-address_change_asked-next = It changes once that address is confirmed. If it was not you, change your password now: that also stops the change.
mail-address_change_asked-link = Open my account

mail-address_changed-subject = Your account has another address
mail-address_changed-heading = Your account has another address
mail-address_changed-what = From now on you sign in with { $address }, and mail goes there.
mail-address_changed-next = If it was not you, please tell the front desk at once.
mail-address_changed-link = Open my account

mail-second_factor_on-subject = Signing in now takes a code
mail-second_factor_on-heading = Signing in now takes a code
mail-second_factor_on-what = Two-step sign-in was switched on for your account { $to }. All other sign-ins have ended.
mail-second_factor_on-next = Keep your recovery codes in a safe place. If it was not you, ask for a new password and tell the front desk.
mail-second_factor_on-link = Open my account

mail-second_factor_off-subject = Signing in no longer takes a code
mail-second_factor_off-heading = Signing in no longer takes a code
mail-second_factor_off-what = Two-step sign-in was switched off for your account { $to }.
mail-second_factor_off-next = If it was not you, ask for a new password at once and tell the front desk.
mail-second_factor_off-link = Open my account

mail-recovery_code_used-subject = A recovery code was used
mail-recovery_code_used-heading = A recovery code was used
mail-recovery_code_used-what = Somebody, probably you, used a recovery code of your account { $to }. Codes left: { $left }.
mail-recovery_code_used-next = Each code is good once; you can make new ones in your account. If it was not you, change your password now.
mail-recovery_code_used-link = Open my account

mail-codes_guessed-subject = Somebody knows your password
mail-codes_guessed-heading = Somebody seems to know your password
mail-codes_guessed-what = The right password of your account { $to } was given several times with a wrong code. Nobody got in that way.
mail-codes_guessed-next = If it was not you, change your password now. Codes are taken only slowly for a while; a recovery code always works.
mail-codes_guessed-link = Open my account

mail-organisation_to_verify-subject = To verify: { $organisation }
mail-organisation_to_verify-heading = An organisation waits to be verified
mail-organisation_to_verify-what = { $by } registered { $organisation }. Until it is verified nobody can book for it.
mail-organisation_to_verify-next = Please compare it with its papers, then verify or refuse it.
mail-organisation_to_verify-link = Open and decide

mail-organisation_verified-subject = { $organisation } is verified
mail-organisation_verified-heading = Your organisation is verified
mail-organisation_verified-what = { $organisation } is verified at { $venue }: its owners and bookers can book for it from now on.
mail-organisation_verified-next = As its owner you can invite colleagues and say what each may do.
mail-organisation_verified-link = Open the organisation

mail-organisation_refused-subject = { $organisation } was not verified
mail-organisation_refused-heading = Your organisation was not verified
mail-organisation_refused-what = We are sorry: staff of { $venue } could not verify { $organisation }. Nobody can make new bookings for it.
mail-organisation_refused-next = You can correct what it says of itself; it is then looked at again. The front desk helps with questions.
mail-organisation_refused-link = Open the organisation

mail-member_invited-subject = { $by } invites you to { $organisation }
mail-member_invited-heading = An invitation to { $organisation }
mail-member_invited-what = { $by } invites { $to } to { $organisation } at { $venue }, as { $role }.
mail-member_invited-next = Open the link within seven days, signed in with this address; if you have no account yet, register with this address first. If you do not know them, do nothing.
mail-member_invited-link = Accept the invitation

mail-membership_ended-subject = You no longer belong to { $organisation }
mail-membership_ended-heading = You no longer belong to { $organisation }
mail-membership_ended-what = Your membership of { $organisation } has ended. Its bookings stay with the organisation.
mail-membership_ended-next = Your own account stays as it is. If this is a mistake, ask an owner of the organisation.
mail-membership_ended-link = Open my account

mail-ownership_received-subject = You are an owner of { $organisation } now
mail-ownership_received-heading = You are an owner of { $organisation } now
mail-ownership_received-what = { $by } made you an owner of { $organisation }: you invite members and say what each may do.
mail-ownership_received-next = An organisation always has an owner; you can hand it over to another member.
mail-ownership_received-link = Open the organisation

mail-test_mail-subject = Test mail
mail-test_mail-heading = Mail arrives
mail-test_mail-what = { $by } sent this test mail from { $venue } to { $to }.
mail-test_mail-next = Nothing needs to be done. If it landed among unwanted mails, please ask whoever runs the mail server to check its sender settings (SPF, DKIM, DMARC).
mail-test_mail-link = Open the booking system

mail-account_deleted-subject = Your account is deleted
mail-account_deleted-heading = Your account is deleted
mail-account_deleted-what = As you asked, the account { $to } and what belonged to your person are deleted. What was booked is kept as numbers without your name.
mail-account_deleted-next = Thank you for having been with us. Anybody can register again at any time. If it was not you, please tell the front desk at once.
mail-account_deleted-link = Open the booking system

member-role-owner = an owner
member-role-booker = a booker
member-role-viewer = a viewer
