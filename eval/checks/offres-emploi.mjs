import { dataOf, figures, rule } from "./lib/rules.mjs";

const OFFERS = [
  {
    contrat: "CDI",
    salaire_annuel_min: 2_650 * 13,
    salaire_annuel_max: 2_900 * 13,
    heures_semaine: 39,
    teletravail_jours_semaine: 2,
    experience_min_annees: 3,
    langues: [],
    candidature_avant: "2027-01-15",
  },
  {
    contrat: "CDD",
    entreprise: null,
    salaire_annuel_min: 42_000,
    salaire_annuel_max: 48_000,
    heures_semaine: 35,
    teletravail_jours_semaine: null,
    experience_min_annees: null,
    langues: ["anglais"],
    candidature_avant: null,
  },
  {
    contrat: "freelance",
    salaire_annuel_min: null,
    salaire_annuel_max: null,
    heures_semaine: null,
    teletravail_jours_semaine: 3,
    experience_min_annees: 8,
    langues: ["anglais", "français"],
    candidature_avant: null,
  },
  {
    contrat: "alternance",
    salaire_annuel_min: null,
    salaire_annuel_max: null,
    heures_semaine: 35,
    teletravail_jours_semaine: null,
    langues: [],
    candidature_avant: "2027-02-28",
  },
];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  return [
    rule("quatre annonces", () => (Array.isArray(data) && data.length === 4 ? null : "pas de tableau de quatre")),
    rule("rien que le bloc", () => {
      const rest = answer.replace(/```[\s\S]*?```/g, "").trim();
      return rest === "" || rest.startsWith("[") ? null : rest.slice(0, 80);
    }),
    ...OFFERS.flatMap((expected, index) =>
      figures(data?.[index], expected).map((one) => ({ ...one, name: `annonce ${index + 1}: ${one.name}` })),
    ),
    rule("annonce 2: aucune ville choisie", () => {
      const { ville } = data[1];
      return ville === null || (/Nantes/.test(ville) && /Rennes/.test(ville)) ? null : ville;
    }),
    rule("annonce 4: débutants acceptés", () =>
      [0, null].includes(data[3].experience_min_annees) ? null : `${data[3].experience_min_annees}`,
    ),
  ];
}
