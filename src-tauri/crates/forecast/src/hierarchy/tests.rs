use money::Amount;
use proptest::prelude::*;

use super::*;
use crate::posting::number_of;

/// The hierarchy of figure 11.1 in R. J. Hyndman and G. Athanasopoulos (2021), "Forecasting: principles and practice": a total over A and
/// B, A over three leaves, B over two.
fn textbook() -> Hierarchy {
    let parents = [None, Some(0), Some(0), Some(1), Some(1), Some(1), Some(2), Some(2)];
    Hierarchy::of_parents(parents.to_vec()).unwrap()
}

/// What each node's forecast adds to the five leaves: the matrix G, read off by reconciling one node at a time.
fn leaf_matrix(weighting: Weighting) -> Vec<Vec<f64>> {
    let hierarchy = textbook();
    let errors = NodeErrors::new(vec![Vec::new(); 8]).weighted(weighting);
    let reconciler = hierarchy.reconciler(&errors, &[]).unwrap();
    let unit = |node: usize| (0..8).map(|other| if other == node { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..8).map(|node| reconciler.reconcile(&unit(node)).unwrap()).collect();
    (3..8).map(|leaf| columns.iter().map(|column| column[leaf]).collect()).collect()
}

fn assert_matrix(found: &[Vec<f64>], wanted: [[i32; 8]; 5], divisor: i32) {
    for (row, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        for (column, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            let wanted = f64::from(wanted) / f64::from(divisor);
            assert!((found - wanted).abs() < 1e-9, "row {row}, column {column}: {found} for {wanted}");
        }
    }
}

#[test]
fn equal_weights_are_the_least_squares_of_the_summing_matrix() {
    // (S'S)^-1 S' of the textbook's summing matrix, in exact fractions.
    let wanted = [
        [3, 5, -2, 21, -8, -8, -1, -1],
        [3, 5, -2, -8, 21, -8, -1, -1],
        [3, 5, -2, -8, -8, 21, -1, -1],
        [4, -3, 7, -1, -1, -1, 18, -11],
        [4, -3, 7, -1, -1, -1, -11, 18],
    ];
    assert_matrix(&leaf_matrix(Weighting::Equal), wanted, 29);
}

#[test]
fn weights_by_structure_are_the_weighted_least_squares() {
    // (S'W^-1 S)^-1 S'W^-1 with W = diag(5, 3, 2, 1, 1, 1, 1, 1), in exact fractions.
    let wanted = [
        [4, 8, -2, 48, -12, -12, -2, -2],
        [4, 8, -2, -12, 48, -12, -2, -2],
        [4, 8, -2, -12, -12, 48, -2, -2],
        [4, -2, 13, -2, -2, -2, 43, -17],
        [4, -2, 13, -2, -2, -2, -17, 43],
    ];
    assert_matrix(&leaf_matrix(Weighting::Structure), wanted, 60);
}

/// Made-up errors of the eight nodes at twelve times.
fn errors() -> NodeErrors {
    let rows: [[f64; 12]; 8] = [
        [9.2, -3.6, -4.1, -5.4, 4.5, -12.0, 11.1, -3.7, 0.3, -1.2, 9.9, -13.8],
        [-1.8, -1.5, 3.6, -3.4, -1.4, -1.7, 0.8, 3.2, -6.0, 4.8, 4.7, 0.6],
        [2.2, -2.0, -1.3, -1.8, -1.5, 3.4, -1.5, -0.3, -3.7, -2.3, -0.9, -1.5],
        [-2.8, 0.5, 2.4, 2.5, -1.1, 0.1, -0.9, 4.3, -1.5, -1.0, 1.5, 2.8],
        [-0.3, 1.3, -0.3, 0.3, -3.0, 1.1, 0.2, 2.1, 0.0, 2.1, 1.7, 0.3],
        [-1.3, 1.3, -0.4, 0.7, -0.2, 1.8, 1.7, 2.4, 0.5, -1.1, -0.3, -1.9],
        [-0.2, 1.8, -0.3, -3.0, -1.3, 3.5, 1.1, 2.4, -2.1, -0.1, 1.5, -0.6],
        [-0.3, 0.2, -1.6, 1.4, -0.5, 3.0, 1.8, 1.1, -2.0, -0.4, 1.5, -1.4],
    ];
    NodeErrors::new(rows.iter().map(|row| row.to_vec()).collect())
}

const BASE: [f64; 8] = [103.0, 60.0, 45.0, 20.0, 25.0, 12.0, 30.0, 14.0];

#[test]
fn shrunk_minimum_trace_is_that_of_the_written_out_matrices() {
    // The shrinkage and the reconciled values by the formulas' full matrices, in double precision.
    let wanted = [
        103.062_834_001_086_49,
        58.466_888_172_235_4,
        44.595_945_828_851_07,
        20.693_546_635_317_574,
        25.353_080_675_031_06,
        12.420_260_861_886_767,
        30.307_778_520_287_023,
        14.288_167_308_564_063,
    ];
    let hierarchy = textbook();
    let reconciler = hierarchy.reconciler(&errors(), &[]).unwrap();
    assert_eq!(reconciler.weighting(), Weighting::MinTraceShrink, "twelve errors are enough for correlations");
    assert!((reconciler.shrinkage() - 0.724_164_663_065_464_8).abs() < 1e-12, "shrunk by {}", reconciler.shrinkage());
    for (node, (found, wanted)) in reconciler.reconcile(&BASE).unwrap().iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() < 1e-9, "node {node}: {found} for {wanted}");
    }
}

#[test]
fn weights_by_variance_are_those_of_the_reference() {
    // `MinTrace(method="wls_var")` of Nixtla's hierarchicalforecast 1.5.3, which adds 2e-8 to each variance.
    let wanted = [
        102.889_588_993_571_85,
        58.321_865_584_208_99,
        44.567_723_409_362_856,
        20.719_829_112_149_44,
        25.320_294_608_572_954,
        12.281_741_863_486_605,
        30.341_413_256_807_28,
        14.226_310_152_555_573,
    ];
    let hierarchy = textbook();
    let reconciler = hierarchy.reconciler(&errors().weighted(Weighting::Variance), &[]).unwrap();
    for (node, (found, wanted)) in reconciler.reconcile(&BASE).unwrap().iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() < 1e-6, "node {node}: {found} for {wanted}");
    }
}

/// The weights of a covariance matrix whose correlations are shrunk by a share: the matrix as a product of errors.
fn weights_of(covariance: &[[f64; 5]; 5], shrinkage: f64) -> Weights {
    let mut factor = vec![vec![0.0; 5]; 5];
    for row in 0..5 {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| factor[row][at] * factor[column][at]).sum();
            let left = covariance[row][column] - known;
            factor[row][column] = if row == column { libm::sqrt(left) } else { left / factor[column][column] };
        }
    }
    let root = libm::sqrt(1.0 - shrinkage);
    Weights {
        weighting: Weighting::MinTraceShrink,
        shrinkage,
        diagonal: (0..5).map(|node| shrinkage * covariance[node][node]).collect(),
        errors: factor.into_iter().map(|row| row.into_iter().map(|value| value * root).collect()).collect(),
    }
}

#[test]
fn the_published_example_of_a_total_and_four_purposes_comes_out_as_published() {
    // "Optimal Forecast Reconciliation in R: MinT with fable" on r-statistics.co: trips to Tasmania by purpose, the matrix W of one-step errors
    // in tenths, base forecasts, and what fable's `min_trace` makes of them by each of its methods; correlations shrunk by 0.103.
    let covariance = [
        [6267.2, 494.2, 4132.1, 207.6, 1499.8],
        [494.2, 529.6, 24.5, 20.3, 25.2],
        [4132.1, 24.5, 3557.9, 102.7, 690.8],
        [207.6, 20.3, 102.7, 71.4, 27.0],
        [1499.8, 25.2, 690.8, 27.0, 734.7],
    ];
    let base = [1120.1922, 137.6808, 627.8468, 25.6968, 230.2818];
    let hierarchy = Hierarchy::of_parents(vec![None, Some(0), Some(0), Some(0), Some(0)]).unwrap();
    let none = NodeErrors::new(vec![Vec::new(); 5]);
    let mut by_variance = weights_of(&covariance, 1.0);
    by_variance.errors.clear();
    let published = [
        ("ols", Weights::of(&hierarchy, &none, Weighting::Equal), [1100.455, 157.418, 647.584, 45.434, 250.019], 5e-4),
        (
            "wls_struct",
            Weights::of(&hierarchy, &none, Weighting::Structure),
            [1070.8, 150.0, 640.2, 38.0, 242.6],
            0.051,
        ),
        ("wls_var", by_variance, [1064.7766, 142.3641, 659.3065, 26.3276, 236.7784], 1e-3),
        // The printed W has lost what lies beyond its tenths.
        ("mint_cov", weights_of(&covariance, 0.0), [1144.1, 175.6, 715.6, 30.6, 222.3], 0.08),
        ("mint_shrink", weights_of(&covariance, 0.103), [1078.8, 148.2, 669.2, 27.1, 234.2], 0.051),
    ];
    for (method, weights, wanted, tolerance) in published {
        let reconciler = Reconciler::new(&hierarchy, weights, &[]).unwrap().unwrap();
        let found = reconciler.reconcile(&base).unwrap();
        for (node, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            assert!((found - wanted).abs() < tolerance, "{method}, node {node}: {found} for {wanted}");
        }
    }
}

#[test]
fn what_is_set_by_hand_stays_and_the_others_give_way() {
    let hierarchy = textbook();
    let locks = [Lock { node: 1, value: 70.0 }, Lock { node: 6, value: 10.25 }];
    let reconciler = hierarchy.reconciler(&errors(), &locks).unwrap();
    let values = reconciler.reconcile(&BASE).unwrap();
    assert!((values[1] - 70.0).abs() < 1e-9 && (values[6] - 10.25).abs() < 1e-12, "{values:?}");
    assert!((values[0] - values[1] - values[2]).abs() < 1e-9, "the total is the sum: {values:?}");
    let amounts = reconciler.cents(&values, 2).unwrap();
    assert_eq!((amounts[1].to_string(), amounts[6].to_string()), ("70.00".into(), "10.25".into()), "to the cent");
}

#[test]
fn locks_that_contradict_each_other_are_refused_and_those_that_repeat_are_not() {
    let hierarchy = Hierarchy::of_parents(vec![None, Some(0), Some(0)]).unwrap();
    let errors = NodeErrors::new(vec![Vec::new(); 3]);
    let lock = |node, value| Lock { node, value };
    let agree = hierarchy.reconciler(&errors, &[lock(1, 2.0), lock(2, 3.0), lock(0, 5.0)]).unwrap();
    assert!((agree.reconcile(&[9.0, 9.0, 9.0]).unwrap()[0] - 5.0).abs() < 1e-9, "2 and 3 are 5");
    let contradict = hierarchy.reconciler(&errors, &[lock(1, 2.0), lock(2, 3.0), lock(0, 6.0)]);
    assert_eq!(contradict.unwrap_err(), HierarchyError::ContradictoryLocks { node: 0 }, "2 and 3 are not 6");
}

#[test]
fn trees_that_are_none_are_refused() {
    assert_eq!(Hierarchy::of_parents(vec![Some(3)]), Err(HierarchyError::NoSuchParent { node: 0 }), "no node 3");
    assert_eq!(
        Hierarchy::of_parents(vec![None, Some(2), Some(1)]),
        Err(HierarchyError::Circle { node: 1 }),
        "a circle"
    );
}

#[test]
fn a_node_without_errors_hardly_moves_and_no_leaf_falls_below_zero() {
    let hierarchy = Hierarchy::of_parents(vec![None, Some(0), Some(0)]).unwrap();
    let wild: Vec<f64> = (0..12).map(|at| if at % 2 == 0 { 5.0 } else { -5.0 }).collect();
    let errors = NodeErrors::new(vec![wild.clone(), vec![0.0; 12], wild]);
    let reconciler = hierarchy.reconciler(&errors, &[]).unwrap();
    let values = reconciler.reconcile(&[10.0, 4.0, 2.0]).unwrap();
    assert!((values[1] - 4.0).abs() < 1e-6, "the sure one stays: {values:?}");
    let floor = reconciler.reconcile_above_zero(&[1.0, 40.0, 2.0]).unwrap();
    assert!(floor.iter().all(|value| *value >= 0.0), "no cost below zero: {floor:?}");
    assert!((floor[0] - floor[1] - floor[2]).abs() < 1e-9, "still a sum: {floor:?}");
}

#[test]
fn a_leaf_keeps_its_own_least_value() {
    let hierarchy = Hierarchy::of_parents(vec![None, Some(0), Some(0)]).unwrap();
    let errors = NodeErrors::new(vec![Vec::new(); 3]).weighted(Weighting::Equal);
    let reconciler = hierarchy.reconciler(&errors, &[]).unwrap();
    // The total wants 30 less than the leaves have: ten from each node, but the second leaf has come to 18 already.
    let values = reconciler.reconcile_above(&[10.0, 20.0, 20.0], &[None, None, Some(18.0)]).unwrap();
    assert!((values[2] - 18.0).abs() < 1e-9, "what has come stays: {values:?}");
    assert!((values[1] - 6.0).abs() < 1e-9, "the other leaf and the total share the rest: {values:?}");
    assert!((values[0] - 24.0).abs() < 1e-9, "and it adds up: {values:?}");
    let credit = reconciler.reconcile_above(&[-10.0, 5.0, -9.0], &[Some(0.0), Some(0.0), None]).unwrap();
    assert!(credit[2] < -9.0 && credit[1] >= 0.0, "a credit may fall: {credit:?}");
}

fn random_tree() -> impl Strategy<Value = Vec<Option<usize>>> {
    prop::collection::vec(any::<prop::sample::Index>(), 1..25).prop_map(|picks| {
        let below = picks.iter().enumerate().map(|(at, pick)| Some(pick.index(at + 1)));
        std::iter::once(None).chain(below).collect()
    })
}

proptest! {
    #[test]
    fn every_tree_adds_up_to_the_cent(
        parents in random_tree(),
        seed in any::<u64>(),
        times in 0_usize..15,
    ) {
        let count = parents.len();
        let hierarchy = Hierarchy::of_parents(parents).unwrap();
        let mut random = crate::random::Random::new(seed);
        let errors = (0..count).map(|_| (0..times).map(|_| 100.0 * random.normal()).collect()).collect();
        let base: Vec<f64> = (0..count).map(|_| 1000.0 * random.uniform()).collect();
        let reconciler = hierarchy.reconciler(&NodeErrors::new(errors), &[]).unwrap();
        for values in [reconciler.reconcile(&base).unwrap(), reconciler.reconcile_above_zero(&base).unwrap()] {
            let amounts = reconciler.cents(&values, 2).unwrap();
            for node in 0..count {
                let children = hierarchy.children(node);
                prop_assert!(values[node].is_finite());
                if !children.is_empty() {
                    let sum = Amount::sum(children.iter().map(|&child| amounts[child])).unwrap();
                    prop_assert_eq!(sum, amounts[node], "node {} is the sum of its children", node);
                }
                let miss = (number_of(amounts[node]) - values[node]).abs();
                prop_assert!(miss < 0.011 * count as f64, "rounding moved node {} by {}", node, miss);
            }
        }
        let above = reconciler.reconcile_above_zero(&base).unwrap();
        prop_assert!(above.iter().all(|value| *value >= 0.0), "{:?}", above);
    }

    #[test]
    fn what_adds_up_already_stays(seed in any::<u64>()) {
        let mut random = crate::random::Random::new(seed);
        let hierarchy = textbook();
        let leaves: Vec<f64> = (0..8).map(|_| 100.0 * random.uniform()).collect();
        let coherent = hierarchy.summed(leaves);
        let found = hierarchy.reconciler(&errors(), &[]).unwrap().reconcile(&coherent).unwrap();
        for (found, wanted) in found.iter().zip(&coherent) {
            prop_assert!((found - wanted).abs() < 1e-9, "{found} for {wanted}");
        }
    }
}
