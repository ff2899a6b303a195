# Mails. What happened, what happens next, and by when. The keys of a kind of message are
# mail-<kind>-subject, -heading, -what; what happens next has keys of its own.

mail-request_to_confirm-subject = Confirm your request: { $title } ({ $when })
mail-request_to_confirm-heading = Please confirm your request
mail-request_to_confirm-what = Somebody, probably you, asked for { $space }, { $when }, with this address. The slot is on hold for you.
mail-next-confirm = Open the link and confirm by { $answer_by }; only then is it a request. After that the slot is released. If it was not you, do nothing.

mail-booking_received-subject = Request received: { $title } ({ $when })
mail-booking_received-heading = We have your request
mail-booking_received-what = You asked for { $space }, { $when }. Your request is awaiting approval.
mail-next-decide_by = Staff will answer by { $decide_by }; the answer will come to this address.
mail-next-decide = Staff will answer as soon as they can; the answer will come to this address.

mail-request_to_decide-subject = To decide: { $title } ({ $when })
mail-request_to_decide-heading = A request waits for your decision
mail-request_to_decide-what = { $requester } asked for { $space }, { $when }.
mail-next-please_decide_by = Please decide by { $decide_by }; after that the request expires.
mail-next-please_decide = Please decide soon.

mail-booking_confirmed-subject = Confirmed: { $title } ({ $when })
mail-booking_confirmed-heading = Your booking is confirmed
mail-booking_confirmed-what = { $space } is booked for you, { $when }.
mail-next-confirmed_layout = Before you start, the space will be set up in the layout “{ $layout }”. To reschedule or cancel, open the booking.
mail-next-confirmed = To reschedule or cancel, open the booking.

mail-booking_declined-subject = Declined: { $title } ({ $when })
mail-booking_declined-heading = Your request was declined
mail-booking_declined-what = We are sorry: your request for { $space }, { $when }, was declined.
mail-next-offer = Staff hold another slot for you: { $offer_when } (reference { $offer_reference }). If it suits you, confirm it by { $answer_by }; after that the hold is released.
mail-next-choose_again = You can choose another slot and request it.

mail-booking_withdrawn-subject = Withdrawn: { $title } ({ $when })
mail-booking_withdrawn-heading = Your request is withdrawn
mail-booking_withdrawn-what = As you asked, your request for { $space }, { $when }, is withdrawn. The slot is no longer kept.
mail-next-request_again = If you still need the space, please make a new request.

mail-booking_changed-subject = Changed: { $title } ({ $when })
mail-booking_changed-heading = Your booking has changed
mail-booking_changed-what = Your booking of { $space } has changed. This is how it stands now.
mail-booking_changed-what-moved = Your booking has been rescheduled: it was { $previously }, it is now { $when }.
mail-next-changed_decide_by = After this change it needs approval again. Staff will answer by { $decide_by }; the answer will come to this address.
mail-next-changed_decide = After this change it needs approval again; the answer will come to this address.

mail-booking_cancelled-subject = Cancelled: { $title } ({ $when })
mail-booking_cancelled-heading = Your booking is cancelled
mail-booking_cancelled-what = Your booking of { $space }, { $when }, is cancelled. The slot is no longer kept.

mail-booking_displaced-subject = Cannot take place as booked: { $title } ({ $when })
mail-booking_displaced-heading = Your booking cannot take place as booked
mail-booking_displaced-what = We are sorry: { $space } cannot be used { $when }, and your booking is cancelled.
mail-next-alternatives = These slots are free at the moment; please request one soon:

mail-booking_no_longer_possible-subject = Slot taken: { $title } ({ $when })
mail-booking_no_longer_possible-heading = The slot you asked for is taken
mail-booking_no_longer_possible-what = We are sorry: another request for { $space }, { $when }, was confirmed, so yours can no longer be approved.

mail-booking_expired-subject = Expired: { $title } ({ $when })
mail-booking_expired-heading = Your request has expired
mail-booking_expired-what = We are sorry: your request for { $space }, { $when }, was not decided in time and has expired. The slot is no longer kept.
mail-booking_expired-subject-hold = Hold released: { $title } ({ $when })
mail-booking_expired-heading-hold = Your hold is released
mail-booking_expired-what-hold = The time for your hold of { $space }, { $when }, is over. The slot is no longer kept.

mail-booking_reminder-subject = Reminder: { $title } ({ $when })
mail-booking_reminder-heading = Your event is coming up
mail-booking_reminder-what = Your event in { $space } is { $when }.
mail-next-reminder = Please check in at the front desk when you arrive. If you cannot come, please cancel on the booking’s page soon, so that others can have the space.

mail-change_to_decide-subject = Change to decide: { $title } ({ $when })
mail-change_to_decide-heading = A change request waits for your decision
mail-change_to_decide-what = { $requester } would like to change the booking of { $space }; the new time would be { $when }.
mail-change_to_decide-what-moved = { $requester } would like to change the booking of { $space }: it is { $previously }, the new time would be { $when }.
mail-next-please_decide_change_by = Please decide by { $decide_by }. Until then the booking stands as it is.
mail-next-please_decide_change = Please decide soon. Until then the booking stands as it is.

mail-change_declined-subject = Change declined: { $title } ({ $when })
mail-change_declined-heading = Your change request was declined
mail-change_declined-what = We are sorry: your change request was declined. Your booking of { $space } stands as it was, { $when }.

mail-slot_proposed-subject = Another slot for you: { $title } ({ $when })
mail-slot_proposed-heading = Staff propose another slot
mail-slot_proposed-what = For your event in { $space }, { $when }, staff propose { $offer_when } instead.
mail-next-proposed = The proposed slot (reference { $offer_reference }) is on hold for you. Accept it or refuse it by { $answer_by }; until then, and if you refuse, your booking stays as it is.

mail-question_asked-subject = A question about { $title } ({ $when })
mail-question_asked-heading = Staff have a question
mail-question_asked-what = About your event in { $space }, { $when }, staff would like to know something.
mail-next-answer = Please answer on the booking’s page; the answer goes to whoever asked.

mail-question_answered-subject = Answered: { $title } ({ $when })
mail-question_answered-heading = Your question is answered
mail-question_answered-what = { $requester } answered your question about { $space }, { $when }.
mail-next-answered = Question and answer are in the booking’s history.

mail-setup_delayed-subject = Set up later: { $title } ({ $when })
mail-setup_delayed-heading = Your space will be ready later than planned
mail-setup_delayed-what = We are sorry: the crew is running late, and { $space } will be set up for your event at about { $ready_at }.
mail-setup_delayed-subject-on_time = On time after all: { $title } ({ $when })
mail-setup_delayed-heading-on_time = Your space will be ready on time after all
mail-setup_delayed-what-on_time = The crew has made up for the delay: { $space } will be set up for your event as planned, { $when }.
mail-next-setup_delayed = Your booking stands. If the delay does not suit you, please call the front desk; they will help you to begin elsewhere or later.

mail-decision_digest-subject = To decide: { $count } waiting
mail-decision_digest-heading = Waiting for your decision: { $count }
mail-decision_digest-what = Requests that came since your last digest and are not decided yet: { $count }.
mail-decision_digest-next = What is not decided in time expires. You chose this digest instead of a mail each; you can change that in your account. They are:
mail-decision_digest-link = Open the requests
mail-decision_digest-more = … and { $more } more
mail-decision_digest-request_to_decide = { $title }: { $space }, { $when }, { $requester } ({ $reference })
mail-decision_digest-request_to_decide-by = { $title }: { $space }, { $when }, { $requester } ({ $reference }); decide by { $decide_by }
mail-decision_digest-change_to_decide = Change of { $title }: { $space }, now wanted { $when }, { $requester } ({ $reference })
mail-decision_digest-change_to_decide-by = Change of { $title }: { $space }, now wanted { $when }, { $requester } ({ $reference }); decide by { $decide_by }

mail-fact-title = Event
mail-fact-event_type = Event type
mail-fact-space = Space
mail-fact-layout = Layout
mail-fact-ready_at = Set up at about
mail-fact-time = Time
mail-fact-new_time = New time
mail-fact-previously = Previously
mail-fact-attendance = Expected attendance
mail-fact-organisation = Organisation
mail-fact-contact = Contact
mail-fact-reference = Reference
mail-fact-state = State

mail-reason = Reason
mail-link = Open the booking
mail-link-decide = Open and decide
mail-link-confirm = Confirm my request
mail-link-answer = Open and answer
mail-question = Question
mail-answer = Answer
mail-link-offer = Open the slot on hold
mail-footer = Sent by the booking system of { $venue }. Please do not reply.

# dates: see src/message/when.rs
date-monday = Mon
date-tuesday = Tue
date-wednesday = Wed
date-thursday = Thu
date-friday = Fri
date-saturday = Sat
date-sunday = Sun
date-month-1 = Jan
date-month-2 = Feb
date-month-3 = Mar
date-month-4 = Apr
date-month-5 = May
date-month-6 = Jun
date-month-7 = Jul
date-month-8 = Aug
date-month-9 = Sep
date-month-10 = Oct
date-month-11 = Nov
date-month-12 = Dec
