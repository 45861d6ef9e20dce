"""What the demo school is made of. Nobody in it exists, and its addresses are those set aside for examples."""

SCHOOL = "Alder Valley University"
# Of each college: its courses, each a code with a name. The first college is the one of the sign-ins.
COLLEGES = {
    "College of Engineering": {
        "CS 101": "Introduction to Programming",
        "CS 240": "Data Structures",
        "EE 210": "Circuits and Signals",
        "ME 330": "Machine Design",
    },
    "College of Arts and Letters": {
        "ENGL 115": "Academic Writing",
        "HIST 204": "Cities of the Middle Ages",
        "MUS 120": "Harmony and Counterpoint",
        "PHIL 301": "Knowledge and Doubt",
    },
    "School of Health Sciences": {
        "BIOL 150": "Human Anatomy",
        "NURS 220": "Clinical Practice",
        "NUTR 110": "Food and Health",
        "STAT 205": "Statistics for Health Sciences",
    },
}
FIRST_NAMES = (
    "Amara Bastian Camila Dmitri Elif Farah Gideon Hana Idris Jolanta Kenji Leila Mateo Nadia Oskar Priya Quentin "
    "Rosalind Samuel Tamsin Ulrich Valentina Wendell Ximena Yusuf Zora Adaeze Benedikt Chiara Declan Esperanza Felix "
    "Greta Hamish Ingrid Jamal Katya Lorenzo Mei Niamh Omar Paloma Rafael Saoirse Tobias Uma Viktor Willa Yara Zubin"
)
LAST_NAMES = (
    "Abernathy Bergstrom Castellanos Delacroix Eastwood Fitzwilliam Gustafsson Haverford Ivanova Jankowski Kowalczyk "
    "Lindqvist Mbeki Nakagawa Okonkwo Pemberton Quintero Rasmussen Sandoval Thackeray Underhill Vandermeer Whitlock "
    "Xiang Yamamoto Zielinski Adeyemi Brightwater Chaudhary Drummond Espinoza Farquhar Grzelak Holloway Iyer Jefferson"
)

STUDENTS_PURPOSES = (
    "Term project: grade dashboard",
    "Python script that lists my assignments",
    "Calendar sync for deadlines",
    "Notion import of my modules",
    "Homework reminder bot for our study group",
    "Capstone: mobile app prototype",
    "Jupyter notebook for the data class",
    "Download lecture slides for the train",
    "Discord bot for our lab group",
    "Late-work checker",
    "Obsidian plugin for course notes",
    "Hackathon entry, spring edition",
)
STAFF_PURPOSES = (
    "Gradebook export to the department's sheet",
    "Attendance import from the badge readers",
    "Autograder for weekly exercises",
    "Quiz bank backup, every night",
    "Plagiarism check upload",
    "Section roster to the lab booking system",
    "Announcements from the course website",
    "Office-hours scheduler",
    "Peer review assignment script",
    "Migration of last year's modules",
    "Accessibility scan of course pages",
    "Slides from GitLab to modules",
)
ADMINS_PURPOSES = (
    "Nightly roster reconciliation",
    "Storage report for the provost",
    "Terraform: course templates",
    "Identity team: account provisioning",
    "Data warehouse extract",
)
AGENTS = (
    "python-requests/2.32.3",
    "curl/8.9.1",
    "node-fetch/3.3.2",
    "canvasapi/3.3.0",
    "Go-http-client/2.0",
    "PostmanRuntime/7.43.0",
    "axios/1.7.9",
    "R (4.4.1) httr2/1.0.6",
)
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
)
REASONS_TO_REVOKE = (
    "Found in a public repository",
    "The laptop it was on was lost",
    "The project is over",
    "Replaced by a new token",
)
REASONS_TO_SUSPEND = ("Far too many calls; asked the owner", "Checking with the owner what this is for")
