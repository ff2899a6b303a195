# Layouts as pictures: what is in the legend, and what those hear who cannot see it.
drawing-block-big = Big block
drawing-block-small = Small block
drawing-block-other = Block “{ $name }”
drawing-audience = Seat
drawing-exit = Exit
drawing-gate = Gate
drawing-store = Store
drawing-keep-clear = Keep clear
drawing-obstacle = Wall or column
drawing-escape = Way out
drawing-fault = To be mended

drawing-purpose-roadshow = Stage with audience
drawing-purpose-exhibition = Exhibition
drawing-purpose-robot_contest = Robot contest
drawing-purpose-salon = Salon
drawing-purpose-open = Empty floor

drawing-side-north = north
drawing-side-south = south
drawing-side-west = west
drawing-side-east = east

drawing-tells-floor = { $purpose }. The floor has { $width } by { $height } modules of 0.6 m; columns are lettered from the west, rows numbered from the north.
drawing-tells-blocks = { $block }: { $count }, between { $from } and { $to }.
drawing-tells-audience = { $seats } seats between { $from } and { $to }, facing { $side }.
drawing-tells-gate = A gate from { $from } to { $to }.
drawing-tells-capacity = { $people } people at most.
drawing-tells-faults = { $count ->
    [one] One rule is broken.
   *[other] { $count } rules are broken.
}

# A changeover, step by step.
job-stays = Stays
job-leaves = Taken from here
job-arrives = Put here
job-block = Block
job-from = From
job-to = To
job-team = Team
job-start = Begins (min:s)
job-done = Done
job-minutes = minutes
job-team-name = Team { $team }
job-place-above = { $cell }, level { $level }
job-tells = { $steps ->
    [one] One step
   *[other] { $steps } steps
} for { $teams ->
    [one] one team
   *[other] { $teams } teams
}, about { $minutes } minutes.
