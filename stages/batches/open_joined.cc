#include "stages/batches/open_joined.h"

#include "pipeline/base/error.h"
#include "stages/batches/join_artifact.h"
#include "stages/batches/join_tables.h"
#include "stages/batches/joined_source.h"

namespace kinflow {

Manifest StoreOfBatch(const ArtifactStore& store, const Manifest& join, const std::string& batch) {
  const auto input = join.inputs.find("stage:batch:" + batch);
  if (input != join.inputs.end()) {
    if (const auto key = Digest::FromHex(input->second)) {
      if (auto manifest = store.Find("dosage", *key)) return *std::move(manifest);
    }
  }
  throw Error(ErrorId::kShardMissing, "the store of batch " + batch + " is not there any more")
      .InFile(store.FolderOf(join.kind, join.key))
      .Remedy("delete this folder and run again");
}

std::unique_ptr<GenotypeSource> OpenJoined(const ArtifactStore& store, const Manifest& join,
                                           const std::vector<std::string>& batches,
                                           SampleTablePtr samples) {
  RequireJoinable(ReadBatchesTable(store, join));
  JoinPieceFiles pieces;
  for (size_t i = 0; i < JoinPieces(join); ++i) {
    pieces.rows.push_back(join.shards[i].rows);
    pieces.chroms.push_back(store.Open(join, i).AttributeText("/", "chrom"));
  }
  pieces.open = [&store, join, n = batches.size()](size_t i) {
    return ReadJoinPiece(store.Open(join, i), n, false);
  };
  std::vector<StoreShards> stores;
  for (const auto& batch : batches) {
    const Manifest manifest = StoreOfBatch(store, join, batch);
    stores.push_back({store.FolderOf(manifest.kind, manifest.key), manifest.shards,
                      [&store, manifest](size_t i) { return store.Open(manifest, i); }});
  }
  return std::make_unique<JoinedSource>(std::move(pieces), std::move(stores), std::move(samples));
}

}  // namespace kinflow
