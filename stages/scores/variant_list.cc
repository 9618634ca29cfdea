#include "stages/scores/variant_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "pipeline/base/text_writer.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

std::vector<uint64_t> UsedRows(const ArtifactStore& store, const Manifest& match) {
  std::vector<uint64_t> rows, more, all;
  ForEachMatchedScore(store, match, [&](const std::string&, std::vector<MatchedWeight>&& weights) {
    more.clear();
    for (const MatchedWeight& w : weights) {
      if (more.empty() || more.back() != w.row) more.push_back(w.row);
    }
    all.clear();
    std::set_union(rows.begin(), rows.end(), more.begin(), more.end(), std::back_inserter(all));
    rows.swap(all);
  });
  return rows;
}

void WriteVariantList(const std::vector<uint64_t>& rows, TargetVariants& target,
                      const std::string& path) {
  TextWriter out(path);
  TargetShard part;
  auto next = rows.begin();
  target.Rewind();
  while (next != rows.end() && target.NextShard(part)) {
    std::string text;
    for (size_t i = 0; i < part.rows.size() && next != rows.end(); ++i) {
      if (part.rows[i] != *next) continue;
      ++next;
      const std::string_view id = part.variants.id(i);
      if (id.empty() || id == ".") {
        text += fmt::format("{}:{}:{}:{}\n", part.variants.chrom(i), part.variants.pos(i),
                            part.variants.ref(i), part.variants.alt(i));
      } else {
        text.append(id).append("\n");
      }
    }
    out.Write(text);
  }
  out.Commit();
}

}  // namespace kinflow
