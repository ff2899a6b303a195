//! Enums that are stored as words, so that a person can read the tables; a CHECK in the schema lists the same words.

/// Lets an enum with `as_str` and `from_stored` stand in a text column.
macro_rules! stored_as_text {
    ($name:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<
                    diesel::sql_types::Text,
                    diesel::pg::Pg,
                >>::from_sql(bytes)?;
                <$name>::from_stored(&text)
                    .ok_or_else(|| format!("no {} is called {text}", stringify!($name)).into())
            }
        }
    };
}
pub(crate) use stored_as_text;
