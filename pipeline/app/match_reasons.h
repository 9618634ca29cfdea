#pragma once

#include <string>
#include <string_view>

#include "pipeline/app/result_view.h"

namespace kinflow {

/// What a reason code of the match log means in this run.
std::string MatchReasonText(std::string_view reason, const ResultView& folder);

}  // namespace kinflow
