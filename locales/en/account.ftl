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
