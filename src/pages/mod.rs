//! The pages that links in mails lead to: one shell of HTML, a style, two plain scripts, in the binary. They are a
//! client of the API like any other and decide nothing; the web application will take their place, at the same
//! addresses.
//!
//! A link's token stands behind `#`, which no server sees; the page takes it out of the address bar and sends it to the
//! API alone. Nothing is confirmed by opening a page: scanners of mails follow links.

mod serve;

pub use serve::mount;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Where people begin: their bookings.
    Home,
    /// Signing in, registering, asking for a new password.
    SignIn,
    /// What an account says of itself, where it is signed in, how it is kept safe.
    Account,
    /// Confirms the address of a registration.
    VerifyEmail,
    /// Confirms an account's other address.
    ConfirmEmail,
    /// Takes a new password.
    ResetPassword,
    /// Accepts an invitation to an organisation.
    AcceptInvitation,
    /// Accepts an invitation to work for a venue.
    AcceptStaffInvitation,
    /// A guest's booking.
    MyBooking,
    /// A booking, by its reference, for whoever is signed in.
    Booking,
    /// What waits for an approver's decision.
    Requests,
    /// The organisations of whoever is signed in.
    Organisations,
    /// One of them.
    Organisation,
}

impl Page {
    /// All of them.
    pub const ALL: [Page; 13] = [
        Page::Home,
        Page::SignIn,
        Page::Account,
        Page::VerifyEmail,
        Page::ConfirmEmail,
        Page::ResetPassword,
        Page::AcceptInvitation,
        Page::AcceptStaffInvitation,
        Page::MyBooking,
        Page::Booking,
        Page::Requests,
        Page::Organisations,
        Page::Organisation,
    ];

    /// Its path, with what it is about in braces.
    pub fn pattern(self) -> &'static str {
        match self {
            Page::Home => "/",
            Page::SignIn => "/sign-in",
            Page::Account => "/account",
            Page::VerifyEmail => "/verify-email",
            Page::ConfirmEmail => "/confirm-email",
            Page::ResetPassword => "/reset-password",
            Page::AcceptInvitation => "/accept-invitation",
            Page::AcceptStaffInvitation => "/accept-staff-invitation",
            Page::MyBooking => "/my-booking",
            Page::Booking => "/bookings/{about}",
            Page::Requests => "/requests",
            Page::Organisations => "/organisations",
            Page::Organisation => "/organisations/{about}",
        }
    }

    /// Its path for what it is about; pages that are about nothing in particular ignore that.
    pub fn about(self, about: &str) -> String {
        self.pattern().replace("{about}", about)
    }

    /// Its name, for the page's script and in the keys of its words.
    fn name(self) -> &'static str {
        match self {
            Page::Home => "home",
            Page::SignIn => "sign_in",
            Page::Account => "account",
            Page::VerifyEmail => "verify_email",
            Page::ConfirmEmail => "confirm_email",
            Page::ResetPassword => "reset_password",
            Page::AcceptInvitation => "accept_invitation",
            Page::AcceptStaffInvitation => "accept_staff_invitation",
            Page::MyBooking => "my_booking",
            Page::Booking => "booking",
            Page::Requests => "requests",
            Page::Organisations => "organisations",
            Page::Organisation => "organisation",
        }
    }
}
