# words
state-held = on hold
state-requested = awaiting approval
state-confirmed = confirmed
state-checked_in = checked in
state-completed = completed
state-no_show = no-show
state-declined = declined
state-withdrawn = withdrawn
state-cancelled = cancelled
state-expired = expired
state-released = released
state-waitlisted = on the waiting list

event-type-roadshow = roadshow
event-type-talk = talk
event-type-launch = launch
event-type-charity_popup = charity pop-up
event-type-exhibition = exhibition
event-type-robot_contest = robot contest
event-type-salon = salon
event-type-meeting = meeting
event-type-training = training
event-type-rehearsal = rehearsal
event-type-livestream = live stream
event-type-rest = rest
event-type-other = other
