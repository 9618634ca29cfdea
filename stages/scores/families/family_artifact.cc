#include "stages/scores/families/family_artifact.h"

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

/// (dataset, sums) of the matrices, in the order of their members.
template <class Sums, class Visit>
void EachMatrix(Sums& sums, const Visit& visit) {
  visit("/t_mother", sums.t_mother);
  visit("/t_father", sums.t_father);
  visit("/mother", sums.mother);
  visit("/father", sums.father);
  visit("/left_mother", sums.left_mother);
  visit("/left_father", sums.left_father);
}

template <class Sums, class Visit>
void EachOfScores(Sums& sums, const Visit& visit) {
  visit("/all_mother", sums.all_mother);
  visit("/all_father", sums.all_father);
}

template <class Sums, class Visit>
void EachCount(Sums& sums, const Visit& visit) {
  visit("/het", sums.het);
  visit("/unresolved", sums.unresolved);
  visit("/impossible", sums.impossible);
}

[[noreturn]] void Damaged(const H5Reader& file) {
  throw Error(ErrorId::kShardDamaged, "family scores of another shape").InFile(file.path());
}

}  // namespace

void FamilySums::Clear(size_t scores, size_t children) {
  EachMatrix(*this, [&](const char*, auto& sums) { sums.assign(scores * children, 0); });
  EachOfScores(*this, [&](const char*, auto& sums) { sums.assign(scores, 0); });
  EachCount(*this, [&](const char*, auto& counts) { counts.assign(children, 0); });
}

void AddFamilySums(const H5Reader& shard, FamilySums& total) {
  EachCount(total, [&](const char* path, auto& counts) {
    const auto part = shard.ReadU32(path);
    if (part.size() != counts.size()) Damaged(shard);
    for (size_t i = 0; i < part.size(); ++i) counts[i] += part[i];
  });
  EachOfScores(total, [&](const char* path, auto& sums) {
    if (sums.empty()) return;
    const auto part = shard.ReadF64(path);
    if (part.size() != sums.size()) Damaged(shard);
    for (size_t i = 0; i < part.size(); ++i) sums[i] += part[i];
  });
  EachMatrix(total, [&](const char* path, auto& sums) {
    if (sums.empty()) return;
    size_t rows = 0, columns = 0;
    const auto part = shard.ReadMatrix(path, rows, columns);
    if (part.size() != sums.size()) Damaged(shard);
    for (size_t i = 0; i < part.size(); ++i) sums[i] += part[i];
  });
}

void WriteFamilySums(const FamilySums& sums, size_t scores, H5Writer& file) {
  EachCount(sums, [&](const char* path, const auto& counts) { file.Write(path, counts); });
  if (scores == 0 || sums.het.empty()) return;
  EachOfScores(sums, [&](const char* path, const auto& of) { file.Write(path, of); });
  EachMatrix(sums, [&](const char* path, const auto& of) {
    file.WriteMatrix(path, of, scores, sums.het.size());
  });
}

FamilyScores ReadFamilyScores(const ArtifactStore& store, const Manifest& manifest) {
  if (manifest.shards.empty()) throw Error(ErrorId::kShardMissing, "family scores: no merged file");
  const H5Reader file = store.Open(manifest, manifest.shards.size() - 1);
  FamilyScores out;
  const StringColumn names = file.ReadStrings("/names");
  for (size_t i = 0; i < names.size(); ++i) out.names.emplace_back(names[i]);
  out.child = file.ReadU32("/child");
  for (const uint8_t kind : file.ReadU8("/kind")) out.kind.push_back(static_cast<FamilyKind>(kind));
  if (out.kind.size() != out.child.size()) Damaged(file);
  out.sums.Clear(out.names.size(), out.child.size());
  AddFamilySums(file, out.sums);
  return out;
}

}  // namespace kinflow
