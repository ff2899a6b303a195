//! What can be booked: venues, spaces and their areas, hours and calendars, policies, layouts, blocks, crews.
pub mod calendar;
pub mod hours;
pub mod policy;
pub mod words;
