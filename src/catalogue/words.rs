//! The words of the catalogue: enums that are one word in JSON, in SQL and in paths.

use crate::db::text_enum;

text_enum! {
    /// What people do at an event.
    EventType {
        /// 园区路演
        Roadshow = "roadshow",
        /// 名人名企演讲
        Talk = "talk",
        /// 发布会
        Launch = "launch",
        /// 公益快闪
        CharityPopup = "charity_popup",
        /// 临展
        Exhibition = "exhibition",
        /// 机器人竞赛
        RobotContest = "robot_contest",
        /// 沙龙
        Salon = "salon",
        /// 会议
        Meeting = "meeting",
        /// 培训
        Training = "training",
        /// 排练
        Rehearsal = "rehearsal",
        /// 直播
        Livestream = "livestream",
        /// 休憩
        Rest = "rest",
        /// 其他
        Other = "other",
    }
}

impl EventType {
    /// The purpose that a layout for it has; `None`: whatever fits.
    pub fn purpose(self) -> Option<Purpose> {
        match self {
            EventType::Roadshow | EventType::Talk | EventType::Launch | EventType::CharityPopup => {
                Some(Purpose::Roadshow)
            }
            EventType::Exhibition => Some(Purpose::Exhibition),
            EventType::RobotContest => Some(Purpose::RobotContest),
            EventType::Salon | EventType::Rest => Some(Purpose::Salon),
            EventType::Meeting
            | EventType::Training
            | EventType::Rehearsal
            | EventType::Livestream
            | EventType::Other => None,
        }
    }
}

text_enum! {
    /// The geometry of a layout: what its blocks are for.
    Purpose {
        /// A stage with an audience.
        Roadshow = "roadshow",
        /// Clusters with aisles between them.
        Exhibition = "exhibition",
        /// A closed ring with an arena inside.
        RobotContest = "robot_contest",
        /// Scattered groups to sit on.
        Salon = "salon",
        /// Nothing in particular.
        Open = "open",
    }
}

text_enum! {
    /// Whom policies speak of.
    Group {
        /// Members of an enterprise of the park.
        Enterprise = "enterprise",
        /// Members of an association.
        Association = "association",
        /// Members of a public body.
        PublicBody = "public_body",
        /// A residents' committee: an association where nothing else is said of it.
        ResidentsCommittee = "residents_committee",
        /// A verified person without an organisation.
        Resident = "resident",
        /// A person without an account.
        Guest = "guest",
        /// Those who run the venue.
        Staff = "staff",
    }
}

text_enum! {
    /// How a space is used.
    SpaceKind {
        /// It has a floor on which layouts are arranged.
        Reconfigurable = "reconfigurable",
        /// A fixed room.
        Room = "room",
        /// Timed entry with places.
        Sessions = "sessions",
        /// Appointments.
        Counter = "counter",
        /// Things to borrow.
        Station = "station",
    }
}

text_enum! {
    /// Where the changeover times of a published version stand.
    TimesState {
        /// Some are still to be computed.
        Computing = "computing",
        /// All are there.
        Known = "known",
        /// There is none for some changeover: the version cannot become bookable as things are.
        Impossible = "impossible",
    }
}

text_enum! {
    /// Why a changeover has no time.
    TimesFault {
        /// A block stands off the floor.
        OffFloor = "off_floor",
        /// Two blocks stand in one cell.
        Overlap = "overlap",
        /// A block, or who carries it, finds no path.
        NoPath = "no_path",
        /// Nobody carries.
        NoTeams = "no_teams",
        /// More is moved than can be planned.
        TooMany = "too_many",
        /// It takes more than a day.
        TooSlow = "too_slow",
    }
}

text_enum! {
    /// Where a layout version stands.
    VersionState {
        /// Being drawn.
        Draft = "draft",
        /// Bookable, and unchangeable for good.
        Published = "published",
        /// No new bookings.
        Retired = "retired",
    }
}
