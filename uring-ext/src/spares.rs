//! Memory of values that are gone, for the next ones of their types: what is made for every file costs no allocation.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A thread's store of such memory. A clone is another handle on the same store.
///
/// ```
/// let spares = uring_ext::Spares::default();
/// let first = spares.keep([1_u64; 40]);
/// let place = std::ptr::from_ref(&*first);
/// drop(first);
/// assert_eq!(std::ptr::from_ref(&*spares.keep([2_u64; 40])), place);
/// ```
#[derive(Clone, Default)]
pub struct Spares(Rc<RefCell<Vec<Kind>>>);

/// The places of one type. There are few types, so that they are looked for one after the other.
struct Kind {
    of: TypeId,
    places: Vec<Box<dyn Any>>,
}

impl Spares {
    /// A value on the heap, in memory that was used before if there is any.
    #[must_use]
    pub fn keep<T: 'static>(&self, value: T) -> Kept<T> {
        Kept { place: Some(self.place(value)), spares: self.clone() }
    }

    /// A place with this value in it.
    pub(crate) fn place<T: 'static>(&self, value: T) -> Box<Option<T>> {
        let mut kinds = self.0.borrow_mut();
        let kind = kinds.iter_mut().find(|kind| kind.of == TypeId::of::<T>());
        let spare = kind.and_then(|kind| kind.places.pop()?.downcast::<Option<T>>().ok());
        match spare {
            Some(mut place) => {
                *place = Some(value);
                place
            }
            None => Box::new(Some(value)),
        }
    }

    /// Takes an empty place back.
    pub(crate) fn take_back<T: 'static>(&self, place: Box<Option<T>>) {
        let mut kinds = self.0.borrow_mut();
        match kinds.iter_mut().find(|kind| kind.of == TypeId::of::<T>()) {
            Some(kind) => kind.places.push(place),
            None => kinds.push(Kind { of: TypeId::of::<T>(), places: vec![place] }),
        }
    }
}

impl fmt::Debug for Spares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: usize = self.0.borrow().iter().map(|kind| kind.places.len()).sum();
        f.debug_struct("Spares").field("places", &places).finish_non_exhaustive()
    }
}

/// A value in memory of a [`Spares`], which gets it back when the value is dropped.
pub struct Kept<T: 'static> {
    place: Option<Box<Option<T>>>,
    spares: Spares,
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.place.as_ref().and_then(|place| place.as_ref().as_ref()).expect("the value leaves only in drop")
    }
}

impl<T> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.place.as_mut().and_then(|place| place.as_mut().as_mut()).expect("the value leaves only in drop")
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        if let Some(mut place) = self.place.take() {
            drop(place.take());
            self.spares.take_back(place);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_places_of_its_own_and_values_are_dropped_at_once() {
        let (spares, value) = (Spares::default(), Rc::new(()));
        let (kept, number) = (spares.keep(Rc::clone(&value)), spares.keep(7_u8));
        assert_eq!((Rc::strong_count(&value), *number), (2, 7));
        drop((kept, number));
        assert_eq!(Rc::strong_count(&value), 1);
        let mut again = spares.keep(8_u8);
        *again += 1;
        assert_eq!(*again, 9);
        assert_eq!(format!("{spares:?}"), "Spares { places: 1, .. }");
    }
}
