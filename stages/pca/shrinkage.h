#pragma once

#include <Eigen/Core>
#include <functional>

#include "stages/pca/block_lanczos.h"

namespace kinflow::pca {

/// By component: how far a stranger falls short of where the fitted people of the same ancestry
/// lie, as a share of the distance from 0. An eigenvector takes in the chance of its own people,
/// and theirs is not a stranger's (Lee, Zou and Wright 2010). Expanding the eigenvalue equation
/// around the matrix without one person gives
///
///   1 - m / l - v / (l (l - m))
///
/// for eigenvalue l, with m and v the mean and variance of all eigenvalues that were not wanted:
/// the asymptotic shrinkage s / (s + 1) of a spike s where people are few beside variants. NaN
/// where l does not stand out from them (Marchenko and Pastur's edge), and where nothing is left
/// over. `trace`: sum of all eigenvalues; takes one product.
Eigen::VectorXd Shrinkage(const Eigenpairs& found, double trace,
                          const std::function<Eigen::MatrixXd(const Eigen::MatrixXd&)>& product);

}  // namespace kinflow::pca
