#pragma once

#include <cstdint>

namespace kinflow {

/// Whose rules say what a Mendel error is.
///
/// kPlink: an opposite homozygote is an error though the other parent is missing; X is checked,
/// with hets of males as missing; Y is not.
///
/// kHail (mendel_errors of hail 0.2): families of whom all three are genotyped; daughters on X and
/// Y by the calls as they are; sons on X beside their mothers, on Y beside their fathers; nobody of
/// unknown sex there.
enum class MendelRules : uint8_t { kPlink, kHail };

/// How a child comes by its copies of a variant. Pseudoautosomal variants are as autosomal ones.
enum class Inheritance : uint8_t { kBothParents, kX, kY };

}  // namespace kinflow
