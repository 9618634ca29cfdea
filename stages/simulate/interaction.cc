#include "stages/simulate/interaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "pipeline/base/text_writer.h"
#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

struct Pair {
  const char* group = "";
  double nbas = 0;
  int ses = 0, epds = 0;
  std::array<std::optional<int>, 2> synchrony;  // 8 weeks, 12 months
};

int RoundedFrom0(double value) { return std::max(0, static_cast<int>(std::lround(value))); }

Pair MakePair(Philox rng) {
  Pair out;
  const double which = rng.Uniform();
  const bool depression = which < 0.4, history = which >= 0.8;
  out.group = depression ? "depression" : history ? "history" : "healthy";
  const double u = rng.Normal();
  out.nbas = 6.2 - 0.6 * depression - 0.5 * history + 0.45 * u + rng.Normal();
  out.ses = RoundedFrom0(1.0 + 0.9 * depression + 0.4 * history - 0.35 * u + rng.Normal());
  out.epds = RoundedFrom0(5 + 5 * depression + 1.5 * history + 3.5 * rng.Normal());
  for (size_t w = 0; w < out.synchrony.size(); ++w) {
    const double mean = 5.6 - 0.9 * depression - 0.4 * history + kNbasEffect * (out.nbas - 6) -
                        0.25 * out.ses + 0.5 * u + (w == 1 ? 1.2 : 0);
    const int value = std::min(14, RoundedFrom0(mean + 2 * rng.Normal()));
    if (rng.Uniform() >= (w == 1 ? 0.13 : 0.03)) out.synchrony[w] = value;
  }
  return out;
}

std::string TextOf(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "NA";
}

}  // namespace

std::vector<std::string> WriteInteraction(const SimulateOptions& options, const People& people) {
  const std::string wide_path = options.out + ".interaction.tsv";
  const std::string long_path = options.out + ".interaction_waves.tsv";
  TextWriter wide(wide_path), tall(long_path);
  wide.Write("m_id\tgroup\tnbas_social\tses_difficulties\tepds_w8\tsynchrony_w8\tsynchrony_m12\n");
  tall.Write("m_id\twave\tmonths\tsynchrony\tlow\n");
  for (const SimPregnancy& p : people.pregnancies) {
    if (p.parity != 0) continue;
    const Pair pair = MakePair(Stream(options.seed, Purpose::kInteraction, p.family));
    const std::string id = people.Iid(p.mother);
    wide.Write(fmt::format("{}\t{}\t{:.1f}\t{}\t{}\t{}\t{}\n", id, pair.group, pair.nbas, pair.ses,
                           pair.epds, TextOf(pair.synchrony[0]), TextOf(pair.synchrony[1])));
    const auto row = [&](const char* wave, int months, const std::optional<int>& synchrony) {
      const char* low = !synchrony ? "NA" : *synchrony <= kLowSynchrony ? "1" : "0";
      tall.Write(fmt::format("{}\t{}\t{}\t{}\t{}\n", id, wave, months, TextOf(synchrony), low));
    };
    row("w8", 2, pair.synchrony[0]);
    row("m12", 12, pair.synchrony[1]);
  }
  wide.Commit();
  tall.Commit();
  return {wide_path, long_path};
}

}  // namespace kinflow::simulate
