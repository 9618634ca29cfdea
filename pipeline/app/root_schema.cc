#include "pipeline/app/root_schema.h"

#include "pipeline/app/input_schema.h"
#include "stages/dosage/options.h"
#include "stages/family/analysis.h"
#include "stages/formats/pedigree_table.h"
#include "stages/formats/phenotype_table.h"
#include "stages/kinship/options.h"
#include "stages/pca/options.h"
#include "stages/plates/layout.h"
#include "stages/qc/options.h"
#include "stages/scores/options.h"

namespace kinflow {
namespace {

SchemaNode AcceptSchema() {
  return schema::List("accept", "losses and failures that do not make the run exit 4",
                      schema::Map("", "one accepted loss",
                                  {schema::Text("what",
                                                "error id (E0431), score:NAME, family:ID, a stage "
                                                "id, or the key of a list of people to "
                                                "remove of whom nobody is genotyped (input.remove)")
                                       .Required(),
                                   schema::Text("reason", "why; copied to run.json").Required()}));
}

SchemaNode OutputSchema() {
  return schema::Map("output", "where results go",
                     {schema::Text("folder", "output folder").Default("out").NoResult(),
                      schema::Int("small_cell", "smaller counts are suppressed in share/")
                          .Within(0, 1000)
                          .Default("5")
                          .NoResult()});
}

SchemaNode ResourcesSchema() {
  return schema::Map(
      "resources", "threads, memory and the work folder; none of them changes a result",
      {schema::Text("threads", "number, or auto: what Slurm, cgroup and affinity allow")
           .Default("auto")
           .NoResult(),
       schema::Text("memory", "size such as 24G, or auto: 85 % of the limit")
           .Default("auto")
           .NoResult(),
       schema::Text("work", "folder of the artifacts that later runs reuse")
           .Default("work")
           .NoResult(),
       schema::Int("tile_variants", "variants a block; 0: by memory")
           .Within(0, 65536)
           .Default("0")
           .NoResult(),
       schema::Int("shard_genotypes",
                   "genotypes a shard, the unit of resume; enters the keys; 0: 2147483648")
           .Within(0, 1e15)
           .Default("0")});
}

SchemaNode MakeRootSchema() {
  return schema::Map(
      "", "kinflow run",
      {schema::Int("schema_version", "version of this format: 1").Required(), InputSchema(),
       PedigreeSchema(), PhenotypesSchema(), QcSchema(), kinship::KinshipSchema(), pca::PcaSchema(),
       plates::PlatesSchema(), DosageSchema(), ScoresSchema(), family::AnalysesSchema(),
       AcceptSchema(), OutputSchema(), ResourcesSchema()});
}

}  // namespace

const SchemaNode& RootSchema() {
  static const SchemaNode schema = MakeRootSchema();
  return schema;
}

}  // namespace kinflow
