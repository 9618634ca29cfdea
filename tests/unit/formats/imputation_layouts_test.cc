// FORMAT layouts of imputation programs: the own parsers against htslib's record objects, every
// field, text and BCF.
#include <fmt/format.h>
#include <htslib/vcf.h>

#include <cmath>
#include <random>

#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

constexpr int kSamples = 37, kRecords = 60;

struct Layout {
  const char* name;
  std::vector<const char*> format;  // ids in order
  int decimals;                     // of DS, HDS, AP; GP has as many
  const char* info;
  bool multiallelic;  // records of two ALT alleles among the others
};

const std::vector<Layout> kLayouts = {
    {"Beagle 5", {"GT", "DS"}, 2, "DR2=0.97;AF=0.2;IMP", true},
    {"Beagle 5 gp ap", {"GT", "DS", "AP1", "AP2", "GP"}, 2, "DR2=0.97;AF=0.2;IMP", true},
    {"Beagle 4 gp", {"GT", "DS", "GP", "AP1", "AP2"}, 2, "AR2=0.9;DR2=0.97;AF=0.2", true},
    {"GLIMPSE 1", {"GT", "DS", "GP", "HS"}, 3, "RAF=0.2;AF=0.2;INFO=0.97", false},
    {"GLIMPSE 2", {"GT", "DS", "GP"}, 3, "RAF=0.2;AF=0.2;INFO=0.97", false},
    {"Michigan, TOPMed", {"GT", "DS", "HDS", "GP"}, 3, "IMPUTED;AF=0.2;MAF=0.2;R2=0.97", false},
    {"Minimac4", {"GT", "HDS", "GP", "DS"}, 3, "AF=0.2;MAF=0.2;R2=0.97;IMPUTED", false},
    {"Minimac4 a field", {"GT", "DS"}, 4, "AF=0.2;MAF=0.2;R2=0.97;IMPUTED", false},
    {"Minimac3", {"GT", "DS", "GP"}, 3, "AF=0.2;MAF=0.2;R2=0.97", false},
    {"IMPUTE5", {"GT", "DS", "GP"}, 3, "INFO=0.97;AF=0.2;IMP", false},
    {"order of the format's alphabet", {"GT", "GP", "DS", "HDS"}, 3, "R2=0.97", false},
};

class Writer {
 public:
  explicit Writer(const Layout& layout) : layout_(layout), random_(7) {}

  std::string Text() {
    std::string text =
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n"
        "##INFO=<ID=IMP,Number=0,Type=Flag,Description=\"i\">\n"
        "##INFO=<ID=IMPUTED,Number=0,Type=Flag,Description=\"i\">\n"
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
        "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n"
        "##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"p\">\n"
        "##FORMAT=<ID=HS,Number=1,Type=Integer,Description=\"h\">\n";
    for (const char* id : {"HDS", "AP1", "AP2"}) {
      text += fmt::format("##FORMAT=<ID={},Number=.,Type=Float,Description=\"h\">\n", id);
    }
    for (const char* id : {"AF", "RAF", "MAF", "R2", "DR2", "AR2", "INFO"}) {
      text += fmt::format("##INFO=<ID={},Number=1,Type=Float,Description=\"i\">\n", id);
    }
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
    for (int s = 0; s < kSamples; ++s) text += fmt::format("\tP{}", s);
    for (int r = 0; r < kRecords; ++r) {
      alts_ = layout_.multiallelic && r % 5 == 4 ? 2 : 1;
      text += fmt::format("\n20\t{}\trs{}\tA\t{}\t.\tPASS\t{}\t{}", 1000 + 7 * r, r,
                          alts_ == 2 ? "C,G" : "C", layout_.info,
                          fmt::format("{}", fmt::join(layout_.format, ":")));
      for (int s = 0; s < kSamples; ++s) text += "\t" + Sample();
    }
    return text + "\n";
  }

 private:
  double Chance() {
    const double u = std::uniform_real_distribution<double>(0, 1)(random_);
    return u < 0.5 ? 0 : u < 0.6 ? 1 : std::uniform_real_distribution<double>(0, 1)(random_);
  }
  // As the programs print: at most so many decimals, no zeros at the end.
  std::string Number(double x) const {
    std::string text = fmt::format("{:.{}f}", x, layout_.decimals);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
  }
  std::string List(const std::vector<double>& values) const {
    std::string text;
    for (const double x : values) text += (text.empty() ? "" : ",") + Number(x);
    return text;
  }

  std::string Sample() {
    // Chances of each ALT on both haplotypes.
    std::vector<double> one, two, dosage, genotypes;
    double left_one = 1, left_two = 1;
    for (int a = 0; a < alts_; ++a) {
      one.push_back(Chance() * left_one);
      two.push_back(Chance() * left_two);
      left_one -= one.back();
      left_two -= two.back();
      dosage.push_back(one.back() + two.back());
    }
    std::vector<double> h1 = {left_one}, h2 = {left_two};
    h1.insert(h1.end(), one.begin(), one.end());
    h2.insert(h2.end(), two.begin(), two.end());
    for (size_t b = 0; b < h1.size(); ++b) {
      for (size_t a = 0; a <= b; ++a) {
        genotypes.push_back(a == b ? h1[a] * h2[a] : h1[a] * h2[b] + h1[b] * h2[a]);
      }
    }
    const int first = alts_ == 2 && one[1] > 0.5 ? 2 : one[0] > 0.5;
    const int second = alts_ == 2 && two[1] > 0.5 ? 2 : two[0] > 0.5;
    const std::vector<const char*> dots(layout_.format.size() - 1, ".");
    std::string text;
    for (const std::string id : layout_.format) {
      text += text.empty() ? "" : ":";
      text += id == "GT"    ? fmt::format("{}|{}", first, second)
              : id == "DS"  ? List(dosage)
              : id == "GP"  ? List(genotypes)
              : id == "HDS" ? List({one[0], two[0]})
              : id == "AP1" ? List(one)
              : id == "AP2" ? List(two)
                            : "3";
    }
    // Values may be left out behind the call, which then stands for them.
    const double form = std::uniform_real_distribution<double>(0, 1)(random_);
    const std::string call = text.substr(0, text.find(':'));
    if (form < 0.1) return call;
    if (form > 0.9) return fmt::format("{}:{}", call, fmt::join(dots, ":"));
    return text;
  }

  const Layout& layout_;
  std::mt19937 random_;
  int alts_ = 1;
};

/// Dosages of every ALT by htslib's accessors.
class HtslibReader {
 public:
  explicit HtslibReader(const std::string& path)
      : file_(hts_open(path.c_str(), "r")), header_(bcf_hdr_read(file_)), record_(bcf_init()) {}
  HtslibReader(const HtslibReader&) = delete;
  HtslibReader& operator=(const HtslibReader&) = delete;
  ~HtslibReader() {
    std::free(floats_);
    std::free(ints_);
    bcf_destroy(record_);
    bcf_hdr_destroy(header_);
    hts_close(file_);
  }

  std::vector<std::vector<double>> Read(const std::string& field) {
    std::vector<std::vector<double>> rows;
    while (bcf_read(file_, header_, record_) == 0) {
      bcf_unpack(record_, BCF_UN_ALL);
      for (int alt = 1; alt < record_->n_allele; ++alt) rows.push_back(Row(field, alt));
    }
    return rows;
  }

  void WriteBcf(const std::string& path) {
    htsFile* out = hts_open(path.c_str(), "wb");
    EXPECT_EQ(bcf_hdr_write(out, header_), 0);
    while (bcf_read(file_, header_, record_) == 0) {
      EXPECT_EQ(bcf_write(out, header_, record_), 0);
    }
    EXPECT_EQ(hts_close(out), 0);
  }

 private:
  std::vector<double> Row(const std::string& field, int alt) {
    std::vector<double> row;
    const int n_allele = record_->n_allele;
    if (field == "GT") {
      const int n = bcf_get_genotypes(header_, record_, &ints_, &n_ints_) / kSamples;
      for (int s = 0; s < kSamples; ++s) {
        double copies = 0;
        for (int k = 0; k < n; ++k) copies += bcf_gt_allele(ints_[s * n + k]) == alt;
        row.push_back(copies);
      }
      return row;
    }
    const std::vector<double> called = Row("GT", alt);
    const int n = bcf_get_format_float(header_, record_, field.c_str(), &floats_, &n_floats_);
    EXPECT_GT(n, 0) << field;
    for (int s = 0; s < kSamples; ++s) {
      const float* v = floats_ + s * (n / kSamples);
      double copies = 0, sum = 0;
      if (bcf_float_is_missing(v[0])) {
        row.push_back(called[static_cast<size_t>(s)]);
        continue;
      }
      if (field == "DS") copies = v[alt - 1];
      if (field == "HDS") copies = double{v[0]} + v[1];
      if (field == "GP") {
        for (int b = 0, i = 0; b < n_allele; ++b) {
          for (int a = 0; a <= b; ++a, ++i) {
            copies += double{v[i]} * ((a == alt) + (b == alt));
            sum += v[i];
          }
        }
        copies /= sum;
      }
      row.push_back(copies);
    }
    return row;
  }

  htsFile* file_;
  bcf_hdr_t* header_;
  bcf1_t* record_;
  float* floats_ = nullptr;
  int32_t* ints_ = nullptr;
  int n_floats_ = 0, n_ints_ = 0;
};

TEST(ImputationLayouts, EveryFieldEqualsHtslib) {
  for (const Layout& layout : kLayouts) {
    const std::string path = WriteText("layout.vcf", Writer(layout).Text()), bcf = path + ".bcf";
    HtslibReader(path).WriteBcf(bcf);
    for (const std::string field : layout.format) {
      if (field != "GT" && field != "DS" && field != "GP" && field != "HDS") continue;
      const auto expected = HtslibReader(path).Read(field);
      for (const std::string& input : {path, bcf}) {
        SCOPED_TRACE(fmt::format("{} {} {}", layout.name, field, input));
        GenotypeOptions options = Files({input});
        options.field = field;
        const auto got = ReadFiles(options);
        ASSERT_EQ(got.values.size(), expected.size());
        for (size_t r = 0; r < expected.size(); ++r) {
          ASSERT_NEAR(got.variants.info(r), 0.97, 1e-6);
          for (size_t s = 0; s < kSamples; ++s) {
            ASSERT_NE(got.values[r][s], kNone);
            // htslib has 32-bit floats, of which kinflow takes sums near 1 as 1.
            ASSERT_NEAR(got.Dosage(r, s), expected[r][s], 2e-6 + got.encoding.error_bound)
                << r << " " << s;
          }
        }
      }
    }
  }
}

struct PrefixedCall {
  const char* text;    // VCF 4.4
  const char* plain;   // the same without the prefix
  int32_t alleles[2];  // as BCF has them
};

/// Every form of a prefix. A bit of the first allele is that of the separator before it.
std::vector<PrefixedCall> PrefixedCalls() {
  const int32_t end = bcf_int32_vector_end, none = bcf_gt_missing;
  return {{"/0/1", "0/1", {bcf_gt_unphased(0), bcf_gt_unphased(1)}},
          {"|0|1", "0|1", {bcf_gt_phased(0), bcf_gt_phased(1)}},
          {"|1|0", "1|0", {bcf_gt_phased(1), bcf_gt_phased(0)}},
          {"/1|1", "1|1", {bcf_gt_unphased(1), bcf_gt_phased(1)}},
          {"|0/1", "0/1", {bcf_gt_phased(0), bcf_gt_unphased(1)}},
          {"/1", "1", {bcf_gt_unphased(1), end}},
          {"|1", "1", {bcf_gt_phased(1), end}},
          {"/.", ".", {none, end}},
          {"|.", ".", {none | 1, end}},
          {"/./.", "./.", {none, none}},
          {"|.|.", ".|.", {none | 1, none | 1}},
          {"|.|1", ".|1", {none | 1, bcf_gt_phased(1)}}};
}

std::string FileOfCalls(const std::vector<PrefixedCall>& calls, const char* PrefixedCall::*form) {
  std::string people, columns;
  for (size_t s = 0; s < calls.size(); ++s) {
    people += fmt::format("{}P{}", s > 0 ? " " : "", s);
    columns += fmt::format(" {}", calls[s].*form);
  }
  return WriteVcf({"1 10 . A C . . . GT" + columns, "X 9000000 . A C . . . GT" + columns}, people,
                  "##contig=<ID=1>\n##contig=<ID=X>\n");
}

/// The file with these alleles and bits of phase in place of its own, as BCF.
std::string BcfOfCalls(const std::string& path, const std::vector<PrefixedCall>& calls) {
  std::vector<int32_t> alleles;
  for (const PrefixedCall& call : calls) {
    alleles.insert(alleles.end(), std::begin(call.alleles), std::end(call.alleles));
  }
  htsFile* in = hts_open(path.c_str(), "r");
  htsFile* out = hts_open((path + ".bcf").c_str(), "wb");
  bcf_hdr_t* header = bcf_hdr_read(in);
  bcf1_t* record = bcf_init();
  EXPECT_EQ(bcf_hdr_write(out, header), 0);
  while (bcf_read(in, header, record) == 0) {
    EXPECT_EQ(
        bcf_update_genotypes(header, record, alleles.data(), static_cast<int>(alleles.size())), 0);
    EXPECT_EQ(bcf_write(out, header, record), 0);
  }
  bcf_destroy(record);
  bcf_hdr_destroy(header);
  EXPECT_EQ(hts_close(out), 0);
  hts_close(in);
  return path + ".bcf";
}

TEST(PhaseOfTheFirstAllele, IsReadInTextAndBcf) {
  const auto calls = PrefixedCalls();
  const std::string plain = FileOfCalls(calls, &PrefixedCall::plain);
  GenotypeOptions options = Files({plain});
  options.keep_calls = true;
  const Genotypes expected = ReadFiles(options);
  const std::vector<uint32_t> copies = {1, 1, 1, 2, 1, 1, 1, kNone, kNone, kNone, kNone, kNone};
  ASSERT_EQ(expected.values, (std::vector<std::vector<uint32_t>>{copies, copies}));
  for (const std::string& file :
       {FileOfCalls(calls, &PrefixedCall::text), BcfOfCalls(plain, calls)}) {
    options.files = {file};
    const Genotypes got = ReadFiles(options);
    EXPECT_EQ(got.values, expected.values) << file;
    EXPECT_EQ(got.calls, expected.calls) << file;
  }
}

}  // namespace
}  // namespace kinflow
