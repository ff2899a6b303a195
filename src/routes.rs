//! Every route, its handler, and who may call it: the authorisation table. A handler that is not in the table cannot
//! be reached; a test walks the table with every role, own and foreign objects.

mod admission;

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::guard::{Guard, GuardContext};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web;

use crate::http::{envelope, rate};
use crate::identity::Role;

pub use admission::{Object, Who};

macro_rules! operations {
    ($($(#[$doc:meta])* $op:ident: $method:ident $path:literal [$($who:expr),+ $(,)?] $($segment:ident)::+;)*) => {
        /// What can be asked of the product over HTTP.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])* $op,)*
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Operation] = &[$(Operation::$op,)*];

            /// The HTTP method.
            pub fn method(self) -> Method {
                match self { $(Operation::$op => Method::$method,)* }
            }

            /// The path, with its parameters in braces.
            pub fn path(self) -> &'static str {
                match self { $(Operation::$op => $path,)* }
            }

            /// Who may call it.
            pub fn allowed(self) -> &'static [Who] {
                match self { $(Operation::$op => &[$($who,)+],)* }
            }
        }

        /// Puts every operation's handler at its path.
        pub fn mount(config: &mut web::ServiceConfig) {
            // paths without parameters first: they are compared, not matched by a pattern, and asked for most often
            for with_parameters in [false, true] {
                $(if $path.contains('{') == with_parameters {
                    config.service(
                        web::resource($path)
                            .guard(MethodOf(Operation::$op))
                            .app_data(Operation::$op)
                            .wrap(from_fn(envelope::known_parameters))
                            .wrap(from_fn(rate::limited))
                            .to(crate::$($segment)::+),
                    );
                })*
            }
        }

        /// The paths of the OpenAPI document.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($(crate::$($segment)::+),*))]
        pub struct Paths;
    };
}

use Role::{Admin, Approver, Crew, FrontDesk};
use Who::{Anyone, Guest, Member, Own, Owner, SignedIn, Staff};

operations! {
    // the process itself
    /// Whether the process lives.
    HealthLive: GET "/health/live" [Anyone] http::health::live;
    /// Whether the process can do its work.
    HealthReady: GET "/health/ready" [Anyone] http::health::ready;
    /// Numbers for Prometheus.
    Metrics: GET "/metrics" [Anyone] http::health::numbers;
    /// The OpenAPI document.
    OpenApiDocument: GET "/v1/openapi.json" [Anyone] http::document::openapi;
    /// The document as a readable page.
    Docs: GET "/v1/docs" [Anyone] http::docs::page;
    /// What that page is made of.
    DocsFile: GET "/v1/docs/{file}" [Anyone] http::docs::file;
    /// Live changes.
    Events: GET "/v1/events" [SignedIn] http::events::events;

    // signing in
    /// Sign in.
    SignIn: POST "/v1/sign-ins" [Anyone] identity::api::sign_in;
    /// Swap a refresh token for fresh tokens.
    RefreshSignIn: POST "/v1/sign-ins/refresh" [Anyone] identity::api::refresh;
    /// Sign out here.
    SignOut: DELETE "/v1/sign-ins/current" [SignedIn] identity::api::sign_out;
    /// Sign out everywhere.
    SignOutEverywhere: DELETE "/v1/sign-ins" [SignedIn] identity::api::sign_out_everywhere;
    /// Where one is signed in.
    ListSignIns: GET "/v1/sign-ins" [SignedIn] identity::account::api::sign_ins::list;
    /// Sign out elsewhere.
    EndSignIn: DELETE "/v1/sign-ins/{id}" [SignedIn] identity::account::api::sign_ins::end;
    /// Who is signed in.
    Me: GET "/v1/me" [SignedIn] identity::api::me;

    // accounts
    /// Register.
    Register: POST "/v1/accounts" [Anyone] identity::account::api::registration::register;
    /// Confirm the address of a registration.
    VerifyAddress: POST "/v1/accounts/verify" [Anyone] identity::account::api::registration::verify;
    /// Send the link of a registration again.
    ResendVerification: POST "/v1/accounts/resend-verification" [Anyone] identity::account::api::registration::resend;
    /// Ask for a new password by mail.
    AskForReset: POST "/v1/password-resets" [Anyone] identity::account::api::password::ask;
    /// Choose a new password.
    CompleteReset: POST "/v1/password-resets/complete" [Anyone] identity::account::api::password::complete;
    /// Change one's password.
    ChangePassword: PUT "/v1/me/password" [SignedIn] identity::account::api::password::put;
    /// Ask for another address.
    AskForEmailChange: POST "/v1/me/email-change" [SignedIn] identity::account::api::address::ask;
    /// Confirm another address.
    ConfirmEmailChange: POST "/v1/email-changes/confirm" [Anyone] identity::account::api::address::confirm;
    /// Change one's profile.
    ChangeProfile: PATCH "/v1/me" [SignedIn] identity::account::api::profile::patch;
    /// What one wishes to be told.
    ReadNotifications: GET "/v1/me/notifications" [SignedIn] message::notification::api::read;
    /// Choose what one is told.
    ChangeNotifications: PUT "/v1/me/notifications" [SignedIn] message::notification::api::put;
    /// Everything that is stored about one.
    ExportPersonalData: GET "/v1/me/personal-data" [SignedIn] identity::personal::api::export;
    /// Go, and be forgotten.
    DeleteAccount: POST "/v1/me/delete" [SignedIn] identity::personal::api::delete;
    /// What is stored about people.
    ListPersonalData: GET "/v1/venues/{id}/personal-data" [Anyone] identity::personal::api::kinds;
    /// Begin a second factor.
    BeginSecondFactor: POST "/v1/me/second-factor" [SignedIn] identity::second_factor::api::begin;
    /// Confirm the second factor.
    ConfirmSecondFactor: POST "/v1/me/second-factor/confirm" [SignedIn] identity::second_factor::api::confirm;
    /// Make new recovery codes.
    RenewRecoveryCodes: POST "/v1/me/second-factor/recovery-codes" [SignedIn] identity::second_factor::api::renew_codes;
    /// Remove the second factor.
    RemoveSecondFactor: POST "/v1/me/second-factor/remove" [SignedIn] identity::second_factor::api::remove;

    // organisations
    /// Register an organisation.
    CreateOrganisation: POST "/v1/organisations" [SignedIn] identity::organisation::api::organisations::post;
    /// Organisations of a venue.
    ListOrganisations: GET "/v1/organisations" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] identity::organisation::api::organisations::list;
    /// One organisation.
    ReadOrganisation: GET "/v1/organisations/{id}" [Member, Staff(Approver), Staff(FrontDesk), Staff(Admin)] identity::organisation::api::organisations::read;
    /// Change what it says of itself.
    ChangeOrganisation: PATCH "/v1/organisations/{id}" [Owner, Staff(Admin)] identity::organisation::api::organisations::patch;
    /// Verify it.
    VerifyOrganisation: POST "/v1/organisations/{id}/verify" [Staff(Approver), Staff(Admin)] identity::organisation::api::decisions::verify;
    /// Refuse it.
    RefuseOrganisation: POST "/v1/organisations/{id}/refuse" [Staff(Approver), Staff(Admin)] identity::organisation::api::decisions::refuse;
    /// Its members.
    ListMembers: GET "/v1/organisations/{id}/members" [Member, Staff(Approver), Staff(FrontDesk), Staff(Admin)] identity::organisation::api::members::list;
    /// Change a member's role.
    ChangeMember: PATCH "/v1/organisations/{id}/members/{user_id}" [Owner, Staff(Admin)] identity::organisation::api::members::patch;
    /// Remove a member.
    RemoveMember: DELETE "/v1/organisations/{id}/members/{user_id}" [Owner, Staff(Admin)] identity::organisation::api::members::remove;
    /// Leave it.
    LeaveOrganisation: POST "/v1/organisations/{id}/leave" [Member] identity::organisation::api::members::leave;
    /// Hand it over.
    HandOverOrganisation: POST "/v1/organisations/{id}/hand-over" [Owner] identity::organisation::api::members::hand_over;
    /// Its invitations.
    ListInvitations: GET "/v1/organisations/{id}/invitations" [Owner] identity::organisation::api::invitations::list;
    /// Invite a member.
    InviteMember: POST "/v1/organisations/{id}/invitations" [Owner] identity::organisation::api::invitations::post;
    /// Take an invitation back.
    RevokeInvitation: DELETE "/v1/organisations/{id}/invitations/{invitation_id}" [Owner] identity::organisation::api::invitations::revoke;
    /// Read an invitation.
    ReadInvitation: POST "/v1/invitations/read" [Anyone] identity::organisation::api::invitations::read;
    /// Accept an invitation.
    AcceptInvitation: POST "/v1/invitations/accept" [SignedIn] identity::organisation::api::invitations::accept;
    /// Import the list of tenants.
    ImportTenants: POST "/v1/venues/{id}/tenants/import" [Staff(Admin)] identity::organisation::api::tenants::import;
    /// The list of tenants.
    ListTenants: GET "/v1/venues/{id}/tenants" [Staff(Admin)] identity::organisation::api::tenants::list;
    /// Take a tenant off the list.
    DeleteTenant: DELETE "/v1/venues/{id}/tenants/{credit_code}" [Staff(Admin)] identity::organisation::api::tenants::delete;

    // who works here
    /// Staff of a venue.
    ListStaff: GET "/v1/venues/{id}/staff" [Staff(Admin)] identity::staff::api::roles::list;
    /// Give a role.
    GrantRole: POST "/v1/venues/{id}/staff" [Staff(Admin)] identity::staff::api::roles::grant;
    /// Take a role back.
    TakeRoleBack: DELETE "/v1/venues/{id}/staff/{role_id}" [Staff(Admin)] identity::staff::api::roles::take_back;
    /// Invitations to work for a venue.
    ListStaffInvitations: GET "/v1/venues/{id}/staff-invitations" [Staff(Admin)] identity::staff::api::invitations::list;
    /// Invite somebody to work for a venue.
    InviteStaff: POST "/v1/venues/{id}/staff-invitations" [Staff(Admin)] identity::staff::api::invitations::post;
    /// Take such an invitation back.
    RevokeStaffInvitation: DELETE "/v1/venues/{id}/staff-invitations/{invitation_id}" [Staff(Admin)] identity::staff::api::invitations::revoke;
    /// Read such an invitation.
    ReadStaffInvitation: POST "/v1/staff-invitations/read" [Anyone] identity::staff::api::invitations::read;
    /// Accept such an invitation.
    AcceptStaffInvitation: POST "/v1/staff-invitations/accept" [SignedIn] identity::staff::api::invitations::accept;

    // programs
    /// Make a key.
    CreateApiKey: POST "/v1/api-keys" [Owner, Staff(Admin)] identity::api_key::api::post;
    /// Keys of an organisation or a venue.
    ListApiKeys: GET "/v1/api-keys" [Owner, Staff(Admin)] identity::api_key::api::list;
    /// Revoke a key.
    RevokeApiKey: DELETE "/v1/api-keys/{id}" [Owner, Staff(Admin)] identity::api_key::api::revoke;

    // what can be booked
    /// List venues.
    ListVenues: GET "/v1/venues" [Anyone] catalogue::api::venues::list;
    /// Read a venue.
    ReadVenue: GET "/v1/venues/{id}" [Anyone] catalogue::api::venues::read;
    /// Change a venue.
    ChangeVenue: PATCH "/v1/venues/{id}" [Staff(Admin)] catalogue::api::venues::patch;
    /// Read a year of the public calendar.
    ReadCalendar: GET "/v1/venues/{id}/calendar" [Anyone] catalogue::api::calendars::read;
    /// Import a year of the public calendar.
    ImportCalendar: PUT "/v1/venues/{id}/calendar/{year}" [Staff(Admin)] catalogue::api::calendars::import;
    /// List a venue's closed days and special hours.
    ListVenueHours: GET "/v1/venues/{id}/hours-exceptions" [Anyone] catalogue::api::exceptions::list_venue;
    /// Set a venue's hours on a date.
    SetVenueHours: PUT "/v1/venues/{id}/hours-exceptions/{date}" [Staff(Admin)] catalogue::api::exceptions::put_venue;
    /// Give a date of a venue its weekly hours back.
    UnsetVenueHours: DELETE "/v1/venues/{id}/hours-exceptions/{date}" [Staff(Admin)] catalogue::api::exceptions::delete_venue;
    /// List spaces.
    ListSpaces: GET "/v1/spaces" [Anyone] catalogue::api::spaces::list;
    /// Make a space.
    CreateSpace: POST "/v1/spaces" [Staff(Admin)] catalogue::api::spaces::post;
    /// Read a space.
    ReadSpace: GET "/v1/spaces/{id}" [Anyone] catalogue::api::spaces::read;
    /// Change a space.
    ChangeSpace: PATCH "/v1/spaces/{id}" [Staff(Admin)] catalogue::api::spaces::patch;
    /// List a space's closed days and special hours.
    ListSpaceHours: GET "/v1/spaces/{id}/hours-exceptions" [Anyone] catalogue::api::exceptions::list_space;
    /// Set a space's hours on a date.
    SetSpaceHours: PUT "/v1/spaces/{id}/hours-exceptions/{date}" [Staff(Admin)] catalogue::api::exceptions::put_space;
    /// Give a date of a space its weekly hours back.
    UnsetSpaceHours: DELETE "/v1/spaces/{id}/hours-exceptions/{date}" [Staff(Admin)] catalogue::api::exceptions::delete_space;
    /// List a space's areas.
    ListAreas: GET "/v1/spaces/{id}/areas" [Anyone] catalogue::api::areas::list;
    /// Make an area.
    CreateArea: POST "/v1/spaces/{id}/areas" [Staff(Admin)] catalogue::api::areas::post;
    /// Change an area.
    ChangeArea: PATCH "/v1/spaces/{id}/areas/{area_id}" [Staff(Admin)] catalogue::api::areas::patch;
    /// Read a space's floor.
    ReadFloor: GET "/v1/spaces/{id}/floor" [Anyone] catalogue::api::floors::read;
    /// Draw a space's floor.
    ChangeFloor: PUT "/v1/spaces/{id}/floor" [Staff(Admin)] catalogue::api::floors::put;
    /// List a venue's block types.
    ListBlockTypes: GET "/v1/venues/{id}/block-types" [Anyone] catalogue::api::block_types::list;
    /// Make a block type.
    CreateBlockType: POST "/v1/venues/{id}/block-types" [Staff(Admin)] catalogue::api::block_types::post;
    /// Change a block type.
    ChangeBlockType: PATCH "/v1/block-types/{id}" [Staff(Admin)] catalogue::api::block_types::patch;
    /// List a space's layouts.
    ListLayouts: GET "/v1/spaces/{id}/layouts" [Anyone] catalogue::api::layouts::list;
    /// Make a layout.
    CreateLayout: POST "/v1/spaces/{id}/layouts" [Staff(Admin)] catalogue::api::drafts::post_layout;
    /// Judge a layout as it is drawn.
    CheckLayout: POST "/v1/layouts/check" [SignedIn] catalogue::api::judging::check;
    /// Give a layout other names.
    ChangeLayout: PATCH "/v1/layouts/{id}" [Staff(Admin)] catalogue::api::drafts::patch_layout;
    /// List a layout's versions.
    ListVersions: GET "/v1/layouts/{id}/versions" [Anyone] catalogue::api::drafts::versions;
    /// Draft a version.
    CreateDraft: POST "/v1/layouts/{id}/versions" [Staff(Admin)] catalogue::api::drafts::post;
    /// Draw a draft anew.
    ChangeDraft: PUT "/v1/layout-versions/{id}" [Staff(Admin)] catalogue::api::drafts::put;
    /// Take a draft away.
    DeleteDraft: DELETE "/v1/layout-versions/{id}" [Staff(Admin)] catalogue::api::drafts::delete;
    /// Publish a draft.
    PublishVersion: POST "/v1/layout-versions/{id}/publish" [Staff(Admin)] catalogue::api::drafts::publish;
    /// Retire a version.
    RetireVersion: POST "/v1/layout-versions/{id}/retire" [Staff(Admin)] catalogue::api::drafts::retire;
    /// Bookings ahead that have an older version of the same layout.
    ListOlderBookings: GET "/v1/layout-versions/{id}/older-bookings" [Staff(Admin), Staff(Approver), Staff(FrontDesk)] booking::api::versions::older;
    /// Move such bookings to this version.
    TakeOverBookings: POST "/v1/layout-versions/{id}/take-over" [Staff(Admin)] booking::api::versions::take_over;
    /// Read a version of a layout.
    ReadLayoutVersion: GET "/v1/layout-versions/{id}" [Anyone] catalogue::api::layouts::version;
    /// Its plan.
    LayoutPlan: GET "/v1/layout-versions/{id}/plan.svg" [Anyone] catalogue::api::pictures::plan;
    /// The same in three dimensions.
    LayoutIsometric: GET "/v1/layout-versions/{id}/isometric.svg" [Anyone] catalogue::api::pictures::isometric;
    /// The numbered steps between two versions.
    BetweenSteps: GET "/v1/layout-versions/{id}/to/{to_id}/steps.svg" [Anyone] crew::pictures::steps;
    /// The time line between two versions.
    BetweenTimeline: GET "/v1/layout-versions/{id}/to/{to_id}/timeline.svg" [Anyone] crew::pictures::timeline;
    /// The changeover between two versions as a sheet to print.
    BetweenSheet: GET "/v1/layout-versions/{id}/to/{to_id}/sheet.html" [Anyone] crew::pictures::sheet;
    /// List a space's changeover times.
    ListChangeoverTimes: GET "/v1/spaces/{id}/changeover-times" [Anyone] catalogue::api::layouts::changeover_times;
    /// List pools with their blocks.
    ListPools: GET "/v1/pools" [Anyone] catalogue::api::pools::list;
    /// Make a pool.
    CreatePool: POST "/v1/venues/{id}/pools" [Staff(Admin)] catalogue::api::pools::post;
    /// Change a pool's blocks.
    ChangeStock: PATCH "/v1/pools/{id}/stock/{block_type}" [Staff(Admin)] catalogue::api::pools::patch_stock;
    /// List a pool's crews.
    ListCrews: GET "/v1/pools/{id}/crews" [Staff(Admin), Staff(Approver), Staff(FrontDesk), Staff(Crew)] catalogue::api::crews::list;
    /// Make a crew.
    CreateCrew: POST "/v1/pools/{id}/crews" [Staff(Admin)] catalogue::api::crews::post;
    /// Change a crew.
    ChangeCrew: PATCH "/v1/crews/{id}" [Staff(Admin)] catalogue::api::crews::patch;
    /// List a crew's shifts.
    ListCrewShifts: GET "/v1/crews/{id}/shifts" [Staff(Admin), Staff(Approver), Staff(FrontDesk), Staff(Crew)] catalogue::api::shifts::list;
    /// Make a shift by hand.
    CreateCrewShift: POST "/v1/crews/{id}/shifts" [Staff(Admin)] catalogue::api::shifts::post;
    /// Take a shift away.
    DeleteCrewShift: DELETE "/v1/crews/{id}/shifts/{shift_id}" [Staff(Admin)] catalogue::api::shifts::delete;
    // bookings
    /// Ask for a slot.
    CreateBooking: POST "/v1/bookings" [SignedIn] booking::api::acts::create;
    /// Ask for a slot without an account.
    CreateGuestBooking: POST "/v1/guest-bookings" [Anyone] booking::api::guests::create;
    /// The booking of a guest's link.
    GuestBooking: GET "/v1/guest-booking" [Guest] booking::api::guests::own;
    /// Take over what was booked with one's address.
    ClaimBookings: POST "/v1/me/claim-bookings" [SignedIn] booking::api::guests::claim;
    /// Bookings that one may see.
    ListBookings: GET "/v1/bookings" [SignedIn] booking::api::lists::list;
    /// One booking.
    GetBooking: GET "/v1/bookings/{id}" [Member, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin), Staff(Crew)] booking::api::lists::get;
    /// What became of it.
    BookingHistory: GET "/v1/bookings/{id}/history" [Member, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::lists::history;
    /// It as a calendar entry.
    BookingCalendar: GET "/v1/bookings/{id}/calendar.ics" [Member, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::lists::calendar;
    /// Change its words.
    EditBooking: PATCH "/v1/bookings/{id}" [Own, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::acts::edit;
    /// Submit a hold.
    SubmitBooking: POST "/v1/bookings/{id}/submit" [Own, Guest, Staff(FrontDesk), Staff(Admin)] booking::api::acts::submit;
    /// Prolong a hold.
    ProlongBooking: POST "/v1/bookings/{id}/prolong" [Own, Staff(FrontDesk), Staff(Admin)] booking::api::acts::prolong;
    /// Give a hold back.
    ReleaseBooking: POST "/v1/bookings/{id}/release" [Own, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::acts::release;
    /// Approve a request.
    ApproveBooking: POST "/v1/bookings/{id}/approve" [Staff(Approver)] booking::api::acts::approve;
    /// Decline a request.
    DeclineBooking: POST "/v1/bookings/{id}/decline" [Staff(Approver)] booking::api::acts::decline;
    /// Take a request back.
    WithdrawBooking: POST "/v1/bookings/{id}/withdraw" [Own, Guest] booking::api::acts::withdraw;
    /// Cancel.
    CancelBooking: POST "/v1/bookings/{id}/cancel" [Own, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::acts::cancel;
    /// Move.
    RescheduleBooking: POST "/v1/bookings/{id}/reschedule" [Own, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::acts::reschedule;
    /// Hold another slot for it.
    ProposeSlot: POST "/v1/bookings/{id}/propose" [Staff(Approver)] booking::api::talks::propose;
    /// Take its place for something else.
    DisplaceBooking: POST "/v1/bookings/{id}/displace" [Staff(Approver), Staff(Admin)] booking::api::talks::displace;
    /// Ask its requester something.
    AskQuestion: POST "/v1/bookings/{id}/questions" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::talks::ask;
    /// What was asked and answered.
    ListQuestions: GET "/v1/bookings/{id}/questions" [Member, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::talks::questions;
    /// Answer.
    AnswerQuestion: POST "/v1/questions/{id}/answer" [Own, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::talks::answer_question;
    /// They came.
    CheckInBooking: POST "/v1/bookings/{id}/check-in" [Staff(FrontDesk), Staff(Admin)] booking::api::acts::check_in;
    /// Checked in by mistake.
    UndoCheckInBooking: POST "/v1/bookings/{id}/undo-check-in" [Staff(FrontDesk), Staff(Admin)] booking::api::acts::undo_check_in;
    /// They did not come.
    NoShowBooking: POST "/v1/bookings/{id}/no-show" [Staff(FrontDesk), Staff(Admin)] booking::api::acts::no_show;
    /// Over.
    CompleteBooking: POST "/v1/bookings/{id}/complete" [Own, Staff(FrontDesk), Staff(Admin)] booking::api::acts::complete;
    /// They come late.
    ExpectLateBooking: POST "/v1/bookings/{id}/expect-late" [Staff(FrontDesk), Staff(Admin)] booking::api::acts::expect_late;
    /// Runs longer.
    ExtendBooking: POST "/v1/bookings/{id}/extend" [Staff(FrontDesk), Staff(Admin)] booking::api::acts::extend;
    /// Ask for a change of a confirmed booking.
    CreateChangeRequest: POST "/v1/bookings/{id}/change-requests" [Own, Guest] booking::api::changes::ask;
    /// Its change requests.
    ListChangeRequests: GET "/v1/bookings/{id}/change-requests" [Member, Guest, Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::changes::list;
    /// Accept a change request.
    AcceptChangeRequest: POST "/v1/change-requests/{id}/accept" [Staff(Approver)] booking::api::changes::accept;
    /// Decline a change request.
    DeclineChangeRequest: POST "/v1/change-requests/{id}/decline" [Staff(Approver)] booking::api::changes::decline;
    /// Withdraw a change request.
    WithdrawChangeRequest: POST "/v1/change-requests/{id}/withdraw" [Own, Guest] booking::api::changes::withdraw;
    /// Which starts work.
    Availability: GET "/v1/spaces/{id}/availability" [Anyone] booking::api::availability::availability;
    /// Close areas.
    CreateClosure: POST "/v1/closures" [Staff(FrontDesk), Staff(Admin)] booking::api::closures::create;
    /// Closures of a space.
    ListClosures: GET "/v1/closures" [SignedIn] booking::api::closures::list;
    /// Lift a closure.
    LiftClosure: POST "/v1/closures/{id}/lift" [Staff(FrontDesk), Staff(Admin)] booking::api::closures::lift;

    // the crew's day
    /// A day's jobs.
    ListChangeovers: GET "/v1/changeovers" [Staff(Crew), Staff(FrontDesk), Staff(Approver), Staff(Admin)] crew::api::list;
    /// A job, and what is carried.
    ReadChangeover: GET "/v1/changeovers/{id}" [Staff(Crew), Staff(FrontDesk), Staff(Approver), Staff(Admin)] crew::api::read;
    /// Its numbered steps.
    ChangeoverSteps: GET "/v1/changeovers/{id}/steps.svg" [Staff(Crew), Staff(FrontDesk), Staff(Approver), Staff(Admin)] crew::api::steps;
    /// Its time line.
    ChangeoverTimeline: GET "/v1/changeovers/{id}/timeline.svg" [Staff(Crew), Staff(FrontDesk), Staff(Approver), Staff(Admin)] crew::api::timeline;
    /// It as a sheet to print.
    ChangeoverSheet: GET "/v1/changeovers/{id}/sheet.html" [Staff(Crew), Staff(FrontDesk), Staff(Approver), Staff(Admin)] crew::api::sheet;
    /// Its crew starts.
    StartChangeover: POST "/v1/changeovers/{id}/start" [Staff(Crew), Staff(FrontDesk), Staff(Admin)] crew::api::start;
    /// Its crew is done.
    FinishChangeover: POST "/v1/changeovers/{id}/finish" [Staff(Crew), Staff(FrontDesk), Staff(Admin)] crew::api::finish;
    /// Its crew takes the last word back.
    UndoChangeover: POST "/v1/changeovers/{id}/undo" [Staff(Crew), Staff(FrontDesk), Staff(Admin)] crew::api::undo;

    // the desk
    /// A day or a week of the venue.
    Board: GET "/v1/board" [Staff(Approver), Staff(FrontDesk), Staff(Crew), Staff(Admin)] desk::api::board;
    /// Find a booking.
    FindBookings: GET "/v1/desk/bookings" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] booking::api::search::find;
    /// Mails, those that did not arrive first.
    ListMails: GET "/v1/mails" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] message::care::api::list;
    /// One mail.
    ReadMail: GET "/v1/mails/{id}" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] message::care::api::read;
    /// Send a mail again.
    ResendMail: POST "/v1/mails/{id}/resend" [Staff(FrontDesk), Staff(Admin)] message::care::api::resend;
    /// Its reader was called.
    NoteCall: POST "/v1/mails/{id}/called" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] message::care::api::called;
    /// Whether mail goes out at all.
    SendTestMail: POST "/v1/test-mails" [Staff(Admin)] message::care::api::test;
    /// Who did what, and who read whose data.
    ListAudit: GET "/v1/audit" [Staff(Admin)] audit::api::list;
    /// What staff must look at.
    ListTasks: GET "/v1/tasks" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] desk::tasks::list;
    /// Somebody sees to a task.
    TakeTask: POST "/v1/tasks/{id}/take" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] desk::tasks::take;
    /// They do not, after all.
    GiveTaskBack: POST "/v1/tasks/{id}/give-back" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] desk::tasks::give_back;
    /// A task is done.
    FinishTask: POST "/v1/tasks/{id}/done" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] desk::tasks::finish;
    /// Who did what about a task.
    TaskHistory: GET "/v1/tasks/{id}/history" [Staff(Approver), Staff(FrontDesk), Staff(Admin)] desk::tasks::history;
}

/// Lets in the operation's method; a GET also answers HEAD.
struct MethodOf(Operation);

impl Guard for MethodOf {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let asked = &context.head().method;
        let own = self.0.method();
        own == *asked || (own == Method::GET && *asked == Method::HEAD)
    }
}

/// The methods that operations have at this path, for 405 answers; none where there is no such path.
pub fn methods_at(path: &str) -> Vec<String> {
    static PATTERNS: LazyLock<Vec<(ResourceDef, Operation)>> = LazyLock::new(|| {
        Operation::ALL
            .iter()
            .map(|operation| (ResourceDef::new(operation.path()), *operation))
            .collect()
    });
    let mut methods = Vec::new();
    for (pattern, operation) in PATTERNS.iter() {
        if pattern.is_match(path) {
            let method = operation.method();
            if method == Method::GET {
                methods.push(Method::HEAD.to_string());
            }
            methods.push(method.to_string());
        }
    }
    methods.sort();
    methods.dedup();
    methods
}

impl Operation {
    /// The operation at this method and path pattern.
    pub fn at(method: &Method, pattern: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.path() == pattern && operation.method() == *method)
    }
}
