//! Views whose type is forgotten, for less code in the browser.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::{Position, PositionState};

/// [`IntoAny`] for pages that are there at once.
///
/// An [`AnyView`] carries two ways to take over what the server rendered: at once, and step by step while parts of the
/// program are still being loaded. Nothing here is loaded in parts, and the second was a seventh of the program.
pub trait Boxed {
    /// Forgets the type.
    fn boxed(self) -> AnyView;
}

impl<T: RenderHtml> Boxed for T {
    fn boxed(self) -> AnyView {
        AtOnce(self).into_any()
    }
}

/// The view inside, but for `hydrate_async`, which is the trait's own: `hydrate`.
struct AtOnce<T>(T);

impl<T: Render> Render for AtOnce<T> {
    type State = T::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

impl<T: AddAnyAttr> AddAnyAttr for AtOnce<T> {
    type Output<A: Attribute> = T::Output<A>;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self::Output<A>
    where
        Self::Output<A>: RenderHtml,
    {
        self.0.add_any_attr(attribute)
    }
}

impl<T: RenderHtml> RenderHtml for AtOnce<T> {
    type AsyncOutput = T::AsyncOutput;
    type Owned = AtOnce<T::Owned>;

    const MIN_LENGTH: usize = T::MIN_LENGTH;
    const EXISTS: bool = T::EXISTS;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    fn resolve(self) -> impl Future<Output = Self::AsyncOutput> + Send {
        self.0.resolve()
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(html, position, escape, mark_branches, extra);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        html: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        self.0.to_html_async_with_buf::<OUT_OF_ORDER>(html, position, escape, mark_branches, extra);
    }

    // Once, for both ways.
    #[inline(never)]
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self::Owned {
        AtOnce(self.0.into_owned())
    }
}
