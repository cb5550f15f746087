//! Parameters and forecasts of ten series beside those of Nixtla's `statsforecast` 2.1.1: one published classic, nine made up.
//!
//! Where a search ends on a flat stretch or a choice is near a tie, rounding decides; the tolerance of each series says how near it must come.
//! For a damped trend the reference adds up one power of the factor twice, which is not repeated here: hence the wider one.
#![expect(clippy::float_arithmetic, reason = "forecasts are statistics")]

use forecast::SeasonKind;
use forecast::models::ces::{Ces, CesSeason};
use forecast::models::ets::Ets;
use forecast::models::theta::Theta;

struct Reference {
    name: &'static str,
    period: usize,
    series: &'static [f64],
    /// Name, weights (level, growth, season, fading), corrected criterion of Akaike.
    ets: (&'static str, [f64; 4], f64),
    /// One, six and twelve steps ahead.
    ets_forecast: [f64; 3],
    ets_tolerance: f64,
    /// Season; first level, weight of the level, theta.
    theta: (Option<SeasonKind>, [f64; 3]),
    theta_forecast: [f64; 3],
    /// Season; real and imaginary weight of the level.
    ces: (CesSeason, [f64; 2]),
    ces_forecast: [f64; 3],
    ces_tolerance: f64,
}

fn assert_near(what: &str, name: &str, found: f64, wanted: f64, tolerance: f64) {
    let distance = (found - wanted).abs() / wanted.abs().max(1e-3);
    assert!(distance <= tolerance, "{what} of {name}: {found} where the reference has {wanted}, {distance:e} off");
}

fn assert_forecast(what: &str, name: &str, found: &[f64], wanted: [f64; 3], tolerance: f64) {
    for (step, wanted) in [0, 5, 11].into_iter().zip(wanted) {
        assert_near(&format!("{what}, step {}", step + 1), name, found[step], wanted, tolerance);
    }
}

#[test]
fn exponential_smoothing_is_that_of_the_reference() {
    for reference in REFERENCES {
        let Reference { name, ets_tolerance: tolerance, .. } = *reference;
        let ets = Ets::choose(reference.series, reference.period).unwrap();
        let (form, weights, criterion) = reference.ets;
        assert_eq!(ets.form.name(), form, "the model of {name}");
        assert_near("the criterion", name, ets.criterion, criterion, tolerance);
        let found = [ets.weights.alpha, ets.weights.beta, ets.weights.gamma, ets.weights.phi];
        for (found, wanted) in found.into_iter().zip(weights) {
            assert!((found - wanted).abs() <= 10.0 * tolerance, "a weight of {name}: {found} for {wanted}");
        }
        assert_forecast("ETS", name, &ets.forecast(12), reference.ets_forecast, tolerance);
    }
}

#[test]
fn the_theta_model_is_that_of_the_reference() {
    for reference in REFERENCES {
        let theta = Theta::fit(reference.series, reference.period).unwrap();
        let (season, parameters) = reference.theta;
        assert_eq!(theta.season_kind, season, "the season of {}", reference.name);
        for (found, wanted) in [theta.first_level, theta.alpha, theta.theta].into_iter().zip(parameters) {
            assert_near("a parameter", reference.name, found, wanted, 1e-6);
        }
        assert_forecast("DOT", reference.name, &theta.forecast(12), reference.theta_forecast, 1e-6);
    }
}

#[test]
fn complex_smoothing_is_that_of_the_reference() {
    for reference in REFERENCES {
        let Reference { name, ces_tolerance: tolerance, .. } = *reference;
        let ces = Ces::choose(reference.series, reference.period).unwrap();
        let (season, weights) = reference.ces;
        assert_eq!(ces.season, season, "the season of {name}");
        for (found, wanted) in ces.weights.into_iter().zip(weights) {
            assert_near("a weight", name, found, wanted, tolerance);
        }
        assert_forecast("CES", name, &ces.forecast(12), reference.ces_forecast, tolerance);
    }
}

#[rustfmt::skip]
const REFERENCES: &[Reference] = &[
    Reference {
        name: "air_passengers",
        period: 12,
        series: &[112.0, 118.0, 132.0, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0, 115.0, 126.0, 141.0, 135.0, 125.0, 149.0, 170.0, 170.0, 158.0, 133.0, 114.0, 140.0, 145.0, 150.0, 178.0, 163.0, 172.0, 178.0, 199.0, 199.0, 184.0, 162.0, 146.0, 166.0, 171.0, 180.0, 193.0, 181.0, 183.0, 218.0, 230.0, 242.0, 209.0, 191.0, 172.0, 194.0, 196.0, 196.0, 236.0, 235.0, 229.0, 243.0, 264.0, 272.0, 237.0, 211.0, 180.0, 201.0, 204.0, 188.0, 235.0, 227.0, 234.0, 264.0, 302.0, 293.0, 259.0, 229.0, 203.0, 229.0, 242.0, 233.0, 267.0, 269.0, 270.0, 315.0, 364.0, 347.0, 312.0, 274.0, 237.0, 278.0, 284.0, 277.0, 317.0, 313.0, 318.0, 374.0, 413.0, 405.0, 355.0, 306.0, 271.0, 306.0, 315.0, 301.0, 356.0, 348.0, 355.0, 422.0, 465.0, 467.0, 404.0, 347.0, 305.0, 336.0, 340.0, 318.0, 362.0, 348.0, 363.0, 435.0, 491.0, 505.0, 404.0, 359.0, 310.0, 337.0, 360.0, 342.0, 406.0, 396.0, 420.0, 472.0, 548.0, 559.0, 463.0, 407.0, 362.0, 405.0, 417.0, 391.0, 419.0, 461.0, 472.0, 535.0, 622.0, 606.0, 508.0, 461.0, 390.0, 432.0],
        ets: ("ETS(M,N,M)", [0.365_124_255, 0.0, 0.002_381_143_43, 1.0], 1_458.101_81),
        ets_forecast: [442.357_169, 535.857_998, 435.737_997],
        ets_tolerance: 1e-06,
        theta: (Some(SeasonKind::Multiplicative), [-363.301_663, 0.724_759_417, 90.891_999_9]),
        theta_forecast: [442.927_195, 556.121_586, 463.477_222],
        ces: (CesSeason::Full, [1.273_423_66, 1.009_404_06]),
        ces_forecast: [453.018_22, 586.455_607, 481.609_157],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "level",
        period: 12,
        series: &[197.63, 200.03, 200.95, 202.72, 201.26, 203.54, 203.9, 203.3, 203.19, 198.28, 196.06, 196.12, 199.9, 202.5, 202.58, 204.73, 201.23, 201.88, 202.97, 203.26, 202.36, 203.97, 206.46, 206.64, 208.41, 209.66, 207.83, 207.51, 206.18, 208.1, 207.54, 207.37, 208.2, 208.83, 209.89, 208.41, 207.61, 206.04, 205.45, 206.33, 203.24, 201.99, 200.71, 196.88, 193.8, 198.18, 198.17, 190.22, 191.59, 194.23, 195.56, 195.29, 195.31, 199.38, 199.47, 194.56, 192.4, 192.19, 190.34, 189.76],
        ets: ("ETS(A,N,N)", [0.999_9, 0.0, 0.0, 1.0], 348.168_543),
        ets_forecast: [189.760_058, 189.760_058, 189.760_058],
        ets_tolerance: 1e-06,
        theta: (None, [133.281_283, 0.99, 1.0]),
        theta_forecast: [189.765_985, 189.765_985, 189.765_985],
        ces: (CesSeason::Partial, [1.8, 0.998_874_713]),
        ces_forecast: [190.982_329, 192.140_959, 188.098_795],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "trend",
        period: 12,
        series: &[108.75, 103.23, 106.39, 104.14, 99.29, 102.2, 95.75, 102.35, 103.61, 107.06, 103.44, 106.66, 117.3, 117.61, 120.58, 122.66, 121.85, 115.61, 129.88, 124.82, 121.02, 137.61, 142.37, 135.45, 140.08, 136.83, 139.87, 128.0, 143.72, 141.91, 135.83, 150.01, 156.71, 145.37, 149.54, 144.58, 162.06, 154.51, 152.03, 158.31, 153.5, 167.76, 163.04, 173.97, 166.48, 167.86, 159.84, 168.24, 178.59, 179.05, 171.08, 176.37, 175.0, 172.05, 178.04, 184.79, 191.72, 180.15, 187.4, 187.65],
        ets: ("ETS(A,A,N)", [0.000_114_074_197, 0.000_104_119_178, 0.0, 1.0], 465.326_296),
        ets_forecast: [190.558_912, 198.376_722, 207.758_093],
        ets_tolerance: 1e-06,
        theta: (None, [8.755_848_56, 0.1, 166.685_578]),
        theta_forecast: [190.079_768, 197.810_646, 207.078_966],
        ces: (CesSeason::Partial, [1.352_586_25, 1.013_229_04]),
        ces_forecast: [197.978_773, 198.800_359, 210.381_526],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "damped",
        period: 12,
        series: &[160.28, 153.68, 161.1, 173.01, 176.76, 178.46, 185.84, 197.23, 202.96, 209.46, 208.15, 210.5, 215.7, 224.61, 224.73, 228.14, 238.16, 242.03, 244.04, 241.4, 244.51, 249.67, 248.91, 248.11, 257.15, 258.78, 252.3, 264.3, 258.52, 274.07, 266.72, 262.11, 275.14, 272.54, 273.19, 271.82, 277.37, 275.78, 278.72, 284.0, 277.86, 271.1, 278.62, 282.94, 277.61, 285.48, 287.53, 293.16, 292.07, 290.69, 293.87, 277.65, 288.86, 287.49, 286.74, 293.3, 292.82, 297.28, 291.77, 292.54, 295.11, 299.69, 291.81, 289.54, 293.33, 297.74, 293.61, 298.18, 293.79, 298.87, 293.39, 290.8],
        ets: ("ETS(A,Ad,N)", [0.000_108_459_509, 0.000_101_041_503, 0.0, 0.951_462_522], 524.630_637),
        ets_forecast: [296.405_212, 297.367_375, 298.246_552],
        ets_tolerance: 0.0005,
        theta: (None, [182.385_273, 0.504_796_18, 2.403_929_29]),
        theta_forecast: [294.961_088, 299.685_496, 304.932_203],
        ces: (CesSeason::Partial, [1.768_545_27, 1.010_402_5]),
        ces_forecast: [295.700_917, 303.875_104, 313.030_158],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "seasonal_add",
        period: 12,
        series: &[537.53, 552.94, 562.08, 544.0, 547.48, 556.56, 544.7, 476.54, 422.87, 365.73, 408.61, 474.99, 550.81, 557.98, 552.2, 530.7, 546.37, 559.5, 531.53, 486.29, 404.02, 390.4, 414.48, 480.85, 540.06, 580.65, 544.5, 546.64, 539.95, 547.5, 542.09, 479.06, 396.95, 349.59, 398.2, 467.87, 530.26, 560.8, 504.07, 506.79, 537.76, 542.1, 535.54, 462.4, 389.08, 364.43, 399.12, 472.8, 527.67, 553.14, 538.86, 521.29, 534.72, 543.49, 534.9, 448.78, 401.58, 365.91, 387.54, 452.37, 512.49, 554.14, 540.42, 516.1, 537.87, 543.16, 511.8, 461.24, 396.43, 364.21, 373.41, 475.91, 530.91, 542.03, 522.45, 521.06, 537.13, 544.56, 525.59, 477.29, 389.19, 359.61, 398.68, 443.15],
        ets: ("ETS(A,N,A)", [0.107_178_368, 0.0, 0.032_194_268_3, 1.0], 792.760_099),
        ets_forecast: [524.477_733, 540.386_554, 460.015_124],
        ets_tolerance: 1e-06,
        theta: (Some(SeasonKind::Multiplicative), [500.427_027, 0.177_329_952, 1.000_766_4]),
        theta_forecast: [522.739_847, 538.355_392, 462.416_617],
        ces: (CesSeason::Partial, [1.129_328_37, 0.999_534_79]),
        ces_forecast: [523.065_926, 537.925_667, 459.003_658],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "seasonal_mul",
        period: 12,
        series: &[53.83, 59.35, 60.71, 60.35, 63.71, 66.38, 69.54, 63.9, 49.21, 47.04, 54.09, 68.53, 83.22, 85.21, 83.79, 83.56, 93.81, 95.39, 94.29, 81.28, 68.5, 63.65, 75.31, 88.22, 104.87, 118.33, 115.01, 113.75, 119.67, 120.04, 121.41, 106.75, 86.7, 83.31, 95.88, 111.74, 129.57, 147.62, 143.91, 142.13, 147.14, 155.0, 143.71, 126.33, 104.21, 100.76, 111.44, 139.14, 156.93, 184.1, 174.73, 164.16, 179.86, 177.89, 174.17, 145.93, 124.24, 117.43, 126.92, 159.32, 183.39, 195.56, 198.65, 201.28, 203.95, 210.97, 202.83, 168.85, 151.03, 133.69, 154.75, 176.28],
        ets: ("ETS(M,A,M)", [0.021_535_423_9, 0.001_993_266_85, 0.000_673_466_788, 1.0], 492.849_549),
        ets_forecast: [212.027_308, 234.517_039, 204.179_491],
        ets_tolerance: 1e-06,
        theta: (None, [4.408_805_22, 0.99, 1.217_388_97]),
        theta_forecast: [176.408_676, 178.078_412, 179.981_263],
        ces: (CesSeason::Partial, [1.8, 1.022_204_93]),
        ces_forecast: [194.578_776, 216.968_828, 205.287_54],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "growth",
        period: 12,
        series: &[92.78, 107.48, 103.97, 95.35, 100.16, 103.26, 104.89, 112.68, 122.31, 116.3, 136.51, 132.82, 115.6, 127.04, 130.14, 129.62, 137.02, 141.29, 134.91, 152.27, 154.79, 145.48, 158.97, 155.7, 171.25, 153.23, 153.8, 173.55, 183.4, 187.88, 180.19, 180.65, 192.81, 184.75, 202.72, 208.41, 198.63, 219.28, 214.02, 231.22, 216.1, 219.37, 236.76, 220.59, 227.58, 236.97, 249.38, 233.52, 245.83, 294.64, 266.13, 281.77, 299.65, 321.26, 307.32, 297.67, 294.95, 305.78, 313.81, 319.39],
        ets: ("ETS(M,A,N)", [0.329_505_945, 0.000_123_750_911, 0.0, 1.0], 537.587_475),
        ets_forecast: [319.179_373, 335.535_672, 355.163_23],
        ets_tolerance: 1e-06,
        theta: (None, [-56.793_323_4, 0.443_069_258, 6_697.903_87]),
        theta_forecast: [321.051_277, 340.422_59, 364.097_451],
        ces: (CesSeason::Partial, [1.407_226_12, 1.026_418_85]),
        ces_forecast: [318.993_934, 365.836_891, 396.801_435],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "weekly",
        period: 7,
        series: &[51.5, 50.46, 49.44, 49.33, 50.82, 42.44, 40.45, 49.39, 51.59, 51.05, 50.98, 51.96, 37.35, 36.96, 53.65, 51.75, 52.22, 55.83, 57.36, 38.42, 41.29, 56.93, 52.83, 56.36, 53.73, 54.57, 40.27, 45.54, 55.16, 54.38, 55.07, 55.33, 52.26, 40.14, 40.63, 54.55, 56.36, 54.92, 53.55, 56.76, 46.09, 46.07, 57.79, 55.21, 56.92, 57.86, 58.65, 46.94, 44.31, 58.05, 55.24, 55.8, 59.18, 57.33, 48.4, 47.01, 58.03, 56.97, 56.92, 55.6, 57.94, 44.17, 47.37, 55.44, 57.25, 58.58, 57.05, 58.65, 50.58, 47.12, 62.32, 60.27, 60.2, 55.89, 57.38, 45.62, 45.11, 58.85, 56.81, 58.89, 57.26, 61.1, 45.66, 48.72, 59.0, 63.19, 63.79, 60.27, 62.29, 46.25, 45.12],
        ets: ("ETS(A,Ad,A)", [0.036_494_048_8, 0.001_403_042_71, 0.002_286_675_16, 0.979_897_972], 558.687_074),
        ets_forecast: [60.168_883, 47.824_543_9, 60.962_824_8],
        ets_tolerance: 0.0005,
        theta: (Some(SeasonKind::Multiplicative), [29.973_650_5, 0.196_860_864, 1.692_902_36]),
        theta_forecast: [60.541_970_8, 47.277_461_1, 61.159_007_3],
        ces: (CesSeason::Full, [1.199_313_64, 1.002_128_55]),
        ces_forecast: [60.592_351_5, 48.377_294_2, 61.727_599_6],
        ces_tolerance: 1e-06,
    },
    Reference {
        name: "credits",
        period: 12,
        series: &[48.66, 42.54, 21.43, 38.78, 27.9, 35.56, 8.51, 17.06, -3.53, -16.56, -25.95, -6.72, 19.62, 8.37, 30.11, 17.19, 24.57, 51.86, 43.4, 8.84, -46.82, -1.14, -12.74, 34.4, 32.56, 45.24, 44.16, 37.97, 17.59, 89.25, 34.75, 11.51, -17.06, -39.59, -17.49, 20.55, 22.94, 54.64, 22.18, 31.69, 41.93, 23.28, 42.74, -22.0, 9.97, -28.92, -19.13, 33.91, 34.26, 65.25, 51.29, 32.75, 34.65, 50.01, 39.74, 13.45, 3.27, -7.18, -59.78, 13.12],
        ets: ("ETS(A,N,A)", [0.000_452_571_532, 0.0, 0.000_837_689_416, 1.0], 612.347_695),
        ets_forecast: [31.002_430_9, 49.712_891_2, 21.297_720_4],
        ets_tolerance: 1e-06,
        theta: (Some(SeasonKind::Additive), [13.050_869, 0.1, 1.000_007_71]),
        theta_forecast: [27.724_95, 53.890_890_3, 21.390_788_9],
        ces: (CesSeason::Partial, [0.934_344_232, 1.004_213_07]),
        ces_forecast: [30.316_219_6, 55.763_851_9, 23.994_493_8],
        ces_tolerance: 0.01,
    },
    Reference {
        name: "short",
        period: 12,
        series: &[92.18, 94.85, 93.3, 93.09, 91.73, 91.25, 91.71, 75.44, 56.02, 51.72, 57.78, 72.28, 86.65, 99.84, 92.2, 92.67, 94.73, 95.79, 90.31, 76.05, 53.99, 52.86, 58.16, 74.92, 87.75, 94.17, 91.31, 87.17, 97.49, 98.46],
        ets: ("ETS(M,N,A)", [0.013_935_910_9, 0.0, 0.001_756_384_03, 1.0], 199.671_818),
        ets_forecast: [91.020_378, 73.559_022_4, 95.266_612_9],
        ets_tolerance: 1e-06,
        theta: (None, [2.604_200_58, 0.99, 1.0]),
        theta_forecast: [98.449_272_2, 98.449_272_2, 98.449_272_2],
        ces: (CesSeason::Partial, [0.869_458_548, 1.000_397_97]),
        ces_forecast: [91.333_306, 74.168_795, 96.102_681_6],
        ces_tolerance: 0.01,
    },
];
