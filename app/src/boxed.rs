//! Type-erased views, to keep the WASM bundle small.

use std::future::ready;

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Mountable, Position, PositionState};

/// [`IntoAny`] for views that are built once and never updated in place.
///
/// An [`AnyView`] is compiled with code for every possible operation, once per view type. Most of it never
/// runs here: nothing is streamed in parts, no attributes are added to a component from outside, and a view
/// that changes as a whole is replaced. So one erased type suffices, which can only be built, hydrated or
/// rendered to HTML; the rest was a quarter of the program.
pub trait Boxed {
    /// Erases the type.
    fn boxed(self) -> AnyView;
}

impl<T: RenderHtml + 'static> Boxed for T {
    fn boxed(self) -> AnyView {
        const { assert!(T::EXISTS, "nothing has no place to be put in") };
        Part(Box::new(self)).into_any()
    }
}

/// A view of any type.
struct Part(Box<dyn Piece>);

/// The operations on a view.
trait Piece: Send {
    fn make(self: Box<Self>) -> Shown;
    fn take_over(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Shown;
    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, html: &mut String, position: &mut Position, escape: bool, branches: bool);
}

impl<T: RenderHtml + 'static> Piece for T {
    fn make(self: Box<Self>) -> Shown {
        Shown(Box::new(self.build()))
    }

    fn take_over(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Shown {
        Shown(Box::new(self.hydrate::<true>(cursor, position)))
    }

    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, html: &mut String, position: &mut Position, escape: bool, branches: bool) {
        self.to_html_with_buf(html, position, escape, branches, Vec::new());
    }
}

/// A view that was built or hydrated.
struct Shown(Box<dyn Placed>);

/// [`Mountable`] without the methods that are never called.
trait Placed {
    fn place(&mut self, parent: &Element, before: Option<&Node>);
    fn place_before(&self, other: &mut dyn Mountable) -> bool;
    fn remove(&mut self);
}

impl<T: Mountable> Placed for T {
    fn place(&mut self, parent: &Element, before: Option<&Node>) {
        self.mount(parent, before);
    }

    fn place_before(&self, other: &mut dyn Mountable) -> bool {
        self.insert_before_this(other)
    }

    fn remove(&mut self) {
        self.unmount();
    }
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        self.0.remove();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.place(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.place_before(child)
    }

    // Only used for attributes that are added from outside.
    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl Render for Part {
    type State = Shown;

    fn build(self) -> Shown {
        self.0.make()
    }

    fn rebuild(self, state: &mut Shown) {
        let mut new = self.0.make();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl AddAnyAttr for Part {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self {
        self
    }
}

impl RenderHtml for Part {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    fn resolve(self) -> impl Future<Output = Self> + Send {
        ready(self)
    }

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "the server's alone"))]
    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        _: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.write(html, position, escape, mark_branches);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Shown {
        self.0.take_over(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}
