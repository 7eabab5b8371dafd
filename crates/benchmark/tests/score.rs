//! Scores on hand-made maps.

use benchmark::score::{MIN_CELLS, ObjectScore, score};
use benchmark::{GRID, Maps, Wanted};

/// Columns from, columns to, rows from, rows to; ends excluded.
type Place = [usize; 4];

fn holds([left, right, top, bottom]: Place, cell: usize) -> bool {
    (left..right).contains(&(cell % GRID)) && (top..bottom).contains(&(cell / GRID))
}

/// A grid with a value in each of `places`, 0 elsewhere; later places win.
fn grid<T: Default + Copy>(places: &[(T, Place)]) -> Vec<T> {
    let value =
        |cell| places.iter().rev().find(|(_, place)| holds(*place, cell)).map_or(T::default(), |it| it.0);
    (0..GRID * GRID).map(value).collect()
}

/// Regions 1, 2, … in `places`.
fn regions(places: &[Place]) -> Vec<i32> {
    let masks: Vec<(i32, Place)> = places.iter().enumerate().map(|(n, place)| (2 << n, *place)).collect();
    grid(&masks)
}

fn one(kinds: &[(usize, Place)], colours: &[(usize, Place)], colour: Option<usize>) -> ObjectScore {
    let wanted = [Wanted { region: 1, kind: 1, colour }];
    score(&wanted, &regions(&[[0, 20, 0, 10]]), &Maps { kind: grid(kinds), colour: grid(colours) })[0]
}

#[test]
fn an_object_that_fills_its_region_has_all() {
    let found = one(&[(1, [0, 20, 0, 10])], &[], None);
    assert_eq!(found, ObjectScore { there: true, in_region: true, iou: 1.0, bound: None });
}

#[test]
fn the_iou_is_intersection_over_union() {
    // 100 of 200 cells of the region, and 50 outside: 100 / 250.
    let found = one(&[(1, [10, 25, 0, 10])], &[], None);
    assert_eq!((found.there, found.in_region, found.iou), (true, true, 0.4));
}

#[test]
fn half_of_the_cells_in_the_region_are_not_most_of_them() {
    assert!(!one(&[(1, [10, 30, 0, 10])], &[], None).in_region);
    assert!(one(&[(1, [9, 30, 0, 10])], &[], None).in_region);
}

#[test]
fn an_object_of_too_few_cells_or_of_another_kind_is_not_there() {
    let missing = ObjectScore { there: false, in_region: false, iou: 0.0, bound: Some(false) };
    assert_eq!(one(&[(1, [0, MIN_CELLS - 1, 0, 1])], &[], Some(0)), missing);
    assert_eq!(one(&[(2, [0, 20, 0, 10])], &[], Some(0)), missing);
    assert!(one(&[(1, [0, MIN_CELLS, 0, 1])], &[], None).there);
}

#[test]
fn the_colour_is_that_of_most_cells_of_the_object_wherever_it_is() {
    let object = [(1, [40, 50, 40, 50])];
    // 60 of 100 cells are colour 2; colour 3 has many more, but none of the object's.
    let colours = [(3, [0, 40, 0, 40]), (2, [40, 46, 40, 50])];
    assert_eq!(one(&object, &colours, Some(2)).bound, Some(true));
    assert_eq!(one(&object, &colours, Some(3)).bound, Some(false));
    assert_eq!(one(&object, &colours, Some(0)).bound, Some(false));
}

#[test]
fn regions_of_the_same_kind_share_its_cells_by_nearness() {
    let wanted = [1, 2].map(|region| Wanted { region, kind: 1, colour: None });
    let regions = regions(&[[0, 10, 0, 10], [50, 60, 0, 10]]);
    let seen = |kinds: &[(usize, Place)]| {
        score(&wanted, &regions, &Maps { kind: grid(kinds), colour: grid::<usize>(&[]) })
    };
    // One in each.
    let both = seen(&[(1, [0, 10, 0, 10]), (1, [50, 60, 0, 10])]);
    assert!(both.iter().all(|object| object.iou == 1.0));
    // Two things in the first region are one object.
    let first = seen(&[(1, [0, 4, 0, 10]), (1, [6, 10, 0, 10])]);
    assert_eq!([first[0].there, first[1].there], [true, false]);
    // Outside of both, near the second: its region has 100 cells, the object 100 others.
    let near = seen(&[(1, [38, 48, 0, 10])]);
    assert_eq!([near[0].there, near[1].there, near[1].in_region], [false, true, false]);
}
