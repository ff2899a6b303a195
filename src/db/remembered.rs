//! What this process remembers of a database, by what kind of thing it is. The features say what that is and when it
//! still holds.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One value of each type, made when it is first asked for.
#[derive(Default)]
pub struct Remembered {
    things: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Remembered {
    /// The value of this type.
    pub fn get<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let thing = things
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()));
        thing.clone().downcast().unwrap_or_default()
    }
}
