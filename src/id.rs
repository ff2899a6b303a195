//! Newtypes for ids, so that one kind of thing is never taken for another. All are UUIDv7.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid, example = "0199c0de-7a11-7000-8000-000000000001")]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A fresh id: ids of one kind sort by the time they were made.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Uuid, diesel::pg::Pg>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                diesel::deserialize::FromSql::<diesel::sql_types::Uuid, diesel::pg::Pg>::from_sql(bytes).map(Self)
            }
        }
    )*};
}

id! {
    /// A venue.
    VenueId;
    /// A space of a venue.
    SpaceId;
    /// An area of a space: the atom of exclusive use.
    AreaId;
    /// What floors share: their blocks and crews.
    PoolId;
    /// A kind of block.
    BlockTypeId;
    /// A layout.
    LayoutId;
    /// A version of a layout.
    LayoutVersionId;
    /// A crew.
    CrewId;
    /// A shift of a crew.
    CrewShiftId;
    /// A user.
    UserId;
    /// An organisation.
    OrganisationId;
    /// A person's session with the product.
    SignInId;
    /// A key of a program.
    ApiKeyId;
    /// A booking.
    BookingId;
    /// What the link of a guest's booking is derived from.
    GuestLinkId;
    /// A row of occupancy.
    OccupancyId;
    /// A request to change a confirmed booking.
    ChangeRequestId;
    /// A question about a booking.
    QuestionId;
    /// A stretch of time in which areas are closed.
    ClosureId;
    /// A message in the outbox.
    MessageId;
    /// Something that staff must look at.
    TaskId;
}
