#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinflow::family {

/// One arrow of a path diagram, or one entry of a covariance matrix, fixed or free.
struct Path {
  enum Kind {
    kDirected,    // to <- from, both among the model's variables
    kCovariance,  // from <-> to; equal: a (residual) variance
    kExogenous    // to <- a variable the model is conditional on; 0 is the constant: a mean
  };
  Kind kind = kDirected;
  size_t to = 0, from = 0;
  double value = 0;        // if fixed; else where the search starts
  int64_t parameter = -1;  // -1 = fixed
  bool loading = false;    // kDirected: of an indicator on its factor
};

/// A sum of products of parameters, "ind := a*b".
struct Definition {
  struct Product {
    double factor = 1;
    std::vector<size_t> parameters;
  };
  std::string name;
  std::vector<Product> products;

  double Value(const double* theta) const {
    double sum = 0;
    for (const auto& product : products) {
      double value = product.factor;
      for (const size_t p : product.parameters) value *= theta[p];
      sum += value;
    }
    return sum;
  }
};

/// A linear structural equation model in RAM form (McArdle & McDonald 1984), conditional on its
/// exogenous variables: v = A v + K (1, z) + u, cov(u) = S. The observed variables are the first of
/// v.
struct PathModel {
  std::vector<std::string> observed, latent;
  std::vector<std::string> exogenous;  // without the constant
  std::vector<Path> paths;
  std::vector<std::string> labels;  // one a free parameter; "" = none given
  std::vector<Definition> definitions;

  size_t variables() const { return observed.size() + latent.size(); }
  size_t parameters() const { return labels.size(); }
  const std::string& Name(size_t variable) const {
    return variable < observed.size() ? observed[variable] : latent[variable - observed.size()];
  }
  /// The path as it is written: "wx2 ~ wx1", "f =~ x", "x ~~ y", "x ~ 1".
  std::string Left(const Path& path) const { return Name(path.loading ? path.from : path.to); }
  std::string Right(const Path& path) const {
    if (path.kind != Path::kExogenous) return Name(path.loading ? path.to : path.from);
    return path.from == 0 ? "1" : exogenous[path.from - 1];
  }
  std::string Text(const Path& path) const {
    const char* sign = path.loading ? " =~ " : path.kind == Path::kCovariance ? " ~~ " : " ~ ";
    return Left(path) + sign + Right(path);
  }
};

}  // namespace kinflow::family
