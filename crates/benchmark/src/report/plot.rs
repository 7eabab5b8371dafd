//! The report as SVG: bars with intervals, and lines along the swept settings.

use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;

use crate::Metric;
use crate::bootstrap::Estimate;
use crate::report::{Row, Sweep};

/// Colour-blind safe (Okabe and Ito).
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(230, 159, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

const FONT: (&str, u32) = ("sans-serif", 13);

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A panel per score, a bar per variant.
pub(super) fn variants(rows: &[Row]) -> Result<String, String> {
    svg((2, 2), |panels| {
        for ((panel, metric), colour) in panels.iter().zip(Metric::SCORES).zip(COLOURS) {
            bars(panel, metric, colour, rows)?;
        }
        Ok(())
    })
}

/// A panel per setting, a line per score.
pub(super) fn sweeps(sweeps: &[Sweep]) -> Result<String, String> {
    svg((2, sweeps.len().div_ceil(2)), |panels| {
        for (panel, sweep) in panels.iter().zip(sweeps) {
            lines(panel, sweep)?;
        }
        Ok(())
    })
}

/// A picture of `columns` x `rows` panels.
fn svg((columns, rows): (usize, usize), draw: impl FnOnce(&[Area<'_>]) -> Drawn) -> Result<String, String> {
    let mut text = String::new();
    let size = (480 * columns as u32, 320 * rows as u32);
    let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
    let all = || -> Drawn {
        root.fill(&WHITE)?;
        draw(&root.split_evenly((rows, columns)))?;
        root.present()?;
        Ok(())
    };
    all().map_err(|error| format!("cannot be drawn: {error}"))?;
    drop(root);
    Ok(text)
}

fn bars(panel: &Area<'_>, metric: Metric, colour: RGBColor, rows: &[Row]) -> Drawn {
    // The segmented range includes its end.
    let places = 0..rows.len().saturating_sub(1);
    let mut chart = ChartBuilder::on(panel)
        .caption(metric.title(), (FONT.0, 18))
        .margin(8)
        .margin_right(16)
        .x_label_area_size(28)
        .y_label_area_size(40)
        .build_cartesian_2d(places.into_segmented(), 0.0..1.0)?;
    let name = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(at) => rows.get(*at).map_or(String::new(), |row| row.variant.name.clone()),
        _ => String::new(),
    };
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().light_line_style(TRANSPARENT).x_label_formatter(&name).label_style(FONT).draw()?;
    for (at, row) in rows.iter().enumerate() {
        let Some(&Estimate { value, low, high }) = row.metrics.get(&metric) else { continue };
        let corners = [(SegmentValue::Exact(at), 0.0), (SegmentValue::Exact(at + 1), value)];
        let mut bar = Rectangle::new(corners, colour.mix(0.7).filled());
        bar.set_margin(0, 0, 10, 10);
        chart.draw_series([bar])?;
        let centre = SegmentValue::CenterOf(at);
        let whisker = vec![(centre.clone(), low), (centre, high)];
        chart.draw_series([PathElement::new(whisker, BLACK.stroke_width(2))])?;
    }
    Ok(())
}

fn lines(panel: &Area<'_>, sweep: &Sweep) -> Drawn {
    let last = sweep.points.last().map_or(1.0, |(value, _)| value.max(f64::MIN_POSITIVE));
    let mut chart = ChartBuilder::on(panel)
        .caption(&sweep.name, (FONT.0, 18))
        .margin(8)
        .margin_right(16)
        .x_label_area_size(28)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..last, 0.0..1.0)?;
    chart.configure_mesh().light_line_style(TRANSPARENT).label_style(FONT).draw()?;
    for (metric, colour) in Metric::SCORES.into_iter().zip(COLOURS) {
        let point = |(value, row): &(f64, Row)| Some((*value, row.metrics.get(&metric)?.value));
        let points: Vec<(f64, f64)> = sweep.points.iter().filter_map(point).collect();
        chart.draw_series(points.iter().map(|&at| Circle::new(at, 3, colour.filled())))?;
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(metric.title())
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .position(SeriesLabelPosition::LowerRight)
        .label_font(FONT)
        .draw()?;
    Ok(())
}
