#include "stages/family/attenuation_options.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kinflow::family {
namespace {

constexpr std::array<const char*, 3> kRoles = {"mother", "father", "child"};

}  // namespace

bool AttenuationOptions::asked_for() const {
  return reliability < 1 || std::any_of(info.begin(), info.end(), [](double i) { return i < 1; });
}

std::string AttenuationOptions::ToJson() const {
  return nlohmann::json{
      {"reliability", reliability}, {"info", info}, {"error_correlation", error_correlation}}
      .dump();
}

SchemaNode AttenuationSchema() {
  namespace s = schema;
  std::vector<SchemaNode> members;
  for (const char* role : kRoles) {
    members.push_back(
        s::Number(role, "imputation r2 of this member's scores").Within(0.05, 1).Default("1"));
  }
  return s::Map(
      "attenuation",
      "ols, ols_by_wave, lmm: effects of scores as they would be without errors of measurement, "
      "beside the plain "
      "ones in share/attenuation.tsv",
      {s::Number("reliability", "share of the score's variance that is not error of its weights")
           .Within(0.05, 1)
           .Default("1"),
       s::Map("info", "imputation r2 (INFO) of the scores", std::move(members)),
       s::Number("error_correlation", "of the imputation errors of parent and child")
           .Within(0, 1)
           .Default("0.5")});
}

AttenuationOptions ReadAttenuation(const ConfigNode& node) {
  AttenuationOptions out;
  out.reliability = node.Number("reliability");
  for (size_t i = 0; i < kRoles.size(); ++i) {
    out.info[i] = node.Number(std::string("info.") + kRoles[i]);
  }
  out.error_correlation = node.Number("error_correlation");
  return out;
}

}  // namespace kinflow::family
