#pragma once

#include <string>
#include <string_view>

namespace kinflow {

/// Of REF and ALT ("T", or "C,T" of several) the one that is not the effect allele; "" where the
/// effect allele is neither of them or leaves several. One of the two may be "", not stated: the
/// other one is taken if it is not the effect allele. All in upper case.
std::string OtherOfRefAndAlt(std::string_view effect, std::string_view ref, std::string_view alt);

}  // namespace kinflow
