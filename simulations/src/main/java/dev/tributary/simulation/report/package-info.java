/**
 * What a run leaves behind.
 *
 * <ul>
 *   <li>{@code RunRecord} and {@code RoundLine} hold everything that the files say.
 *   <li>{@code HtmlReport} writes one self-contained page: inline SVG and CSS, no script, no
 *       network.
 *   <li>{@code RunCharts} has the page's drawings; {@code Chart} draws lines and bars, {@code
 *       Scale} picks round numbers for the axes.
 *   <li>{@code RunDirectory} writes the files; all of them depend on job and seed alone.
 * </ul>
 */
@NullMarked
package dev.tributary.simulation.report;

import org.jspecify.annotations.NullMarked;
